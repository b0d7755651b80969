import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import {
  type BuiltManifest,
  pushImage,
  type RecordingServer,
  startRegistry,
  startServer,
  type TestRegistry,
} from "@sc/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cleanImage, createProject, githubIssuer, type Project, vulnerable, workflow } from "./acceptance-project.ts";
import {
  type CiJob,
  type CiSite,
  circleciJob,
  githubAction,
  githubWorkflow,
  gitlabJob,
  jenkinsJob,
  kubernetesJob,
  sha,
} from "./ci-jobs.ts";
import { documentOf } from "./run-cli.ts";

// What a job's shell finds besides the machine's own programs: `npx`, which hands its words to the command line in this
// process, and what else the examples call, which is noted down.
const client = `
import { connect } from "node:net";
import { text } from "node:stream/consumers";
const socket = connect(process.env.SC_TEST_SOCKET);
socket.end(JSON.stringify({ words: process.argv.slice(2), folder: process.cwd(), variables: process.env }));
const { exitCode, stdout, stderr } = JSON.parse(await text(socket));
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = exitCode;
`;
const programs = {
  npx: `case "$1 $2" in "-y @sc/cli@"[0-9]*) shift 2 ;; *) echo "npx $*" >&2; exit 9 ;; esac
exec "$SC_TEST_NODE" "$SC_TEST_CLIENT" "$@"`,
  docker: `cat > /dev/null < /dev/null; echo "docker $*" >> "$SC_TEST_LOG"`,
  gh: `printf 'gh' >> "$SC_TEST_LOG"; for word in "$@"; do printf ' %s' "$word" >> "$SC_TEST_LOG"; done; echo >> "$SC_TEST_LOG"`,
  circleci: `[ "$*" = 'run oidc get --claims {"aud":"sigstore"}' ] && printf %s "$SC_TEST_TOKEN"`,
};

const advisoriesWorkflow = "https://github.com/acme/advisories/.github/workflows/publish.yml@refs/heads/main";

let project: Project;
/** The token of a job of the organization `acme`, as every platform here gives one. */
let token: string;
let tools: string;
let server: Server;
let registry: TestRegistry;
let tokens: RecordingServer;
let folder: string;
const before = process.cwd();

beforeAll(async () => {
  project = await createProject();
  token = project.sigstore.issuer.issue({
    iss: githubIssuer,
    sub: "repo:acme/shop:ref:refs/heads/main",
    job_workflow_ref: workflow,
    repository_owner: "https://github.com/acme",
    aud: "sigstore",
  });
  tools = mkdtempSync(join(tmpdir(), "sc-ci-"));
  writeFileSync(join(tools, "client.mjs"), client);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(tools, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(tools, name), 0o755);
  }
  server = createServer({ allowHalfOpen: true }, (socket) => {
    void answer(socket);
  });
  server.listen(join(tools, "socket"));
  await once(server, "listening");
});
afterAll(async () => {
  process.chdir(before);
  server.close();
  rmSync(tools, { recursive: true });
  await project[Symbol.asyncDispose]();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tools, "job-"));
  copyFileSync(project.publicKey, join(folder, "advisories.pub"));
  registry = await startRegistry();
  const body = Buffer.from(JSON.stringify({ value: token }));
  tokens = await startServer({ faults: [], answer: () => ({ status: 200, headers: {}, body }) });
});
afterEach(async () => {
  process.chdir(before);
  await tokens[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

/** Runs the command line that a job's shell asks for, where it asks. */
async function answer(socket: Socket): Promise<void> {
  const { words, folder: place, variables } = JSON.parse(await text(socket));
  process.chdir(place);
  socket.end(JSON.stringify(await project.sc(words, variables)));
}

/** What a job came to: the steps that ran, each with what it ended in, and everything they said. */
interface Outcome {
  readonly ended: readonly (readonly [step: string, exitCode: number])[];
  readonly output: string;
}

// The services of this site, which every command finds in its environment.
function siteOf(): Readonly<Record<string, string>> {
  const { origin } = project.sigstore;
  const trusted = join(project.directory, "trusted_root.json");
  return {
    SC_FULCIO_URL: origin,
    SC_REKOR_URL: origin,
    SC_TRUSTED_ROOT: trusted,
    SC_CACHE_DIR: join(folder, ".cache"),
  };
}

// The registries that the examples name are those that a user has of their own.
const here = (words: string): string => words.replaceAll(/registry\.example\.com|ghcr\.io/g, registry.host);

/** Runs the steps of a job until one fails, and after that those that always run. Nothing else of the machine is seen. */
async function run({ steps, variables }: CiJob): Promise<Outcome> {
  const ended: (readonly [string, number])[] = [];
  const outputs: string[] = [];
  let failed = false;
  for (const step of steps) {
    if (failed && !step.always) continue;
    const file = join(folder, ".step.sh");
    writeFileSync(file, here(step.script));
    const given = {
      PATH: `${tools}:/usr/bin:/bin`,
      LANG: "C.UTF-8",
      SC_TEST_NODE: process.execPath,
      SC_TEST_CLIENT: join(tools, "client.mjs"),
      SC_TEST_SOCKET: join(tools, "socket"),
      SC_TEST_LOG: join(folder, ".log"),
      SC_TEST_TOKEN: token,
      ...siteOf(),
      ...variables,
      ...step.variables,
    };
    const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, here(value)]));
    const [command = "", ...words] = step.shell;
    const child = spawn(command, [...words, file], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const said = Promise.all([text(child.stdout), text(child.stderr)]);
    const [exitCode] = await once(child, "close");
    ended.push([step.name, Number(exitCode)]);
    failed ||= exitCode !== 0;
    outputs.push(...(await said));
  }
  return { ended, output: outputs.join("\n") };
}

/** Puts the image of the job and the team's advisories into the registry. */
async function publish(name: string, image: BuiltManifest): Promise<string> {
  const advisories = `${registry.host}/acme/advisories:1`;
  const words = ["db", "push", advisories, "--db", project.database];
  const publisher = project.sigstore.issuer.issue({
    iss: githubIssuer,
    sub: "s",
    job_workflow_ref: advisoriesWorkflow,
    aud: "sigstore",
  });
  const byWhom = name.startsWith("acme/shop") ? ["--keyless"] : ["--key", project.key];
  const ran = await project.sc([...words, ...byWhom], { ...siteOf(), SIGSTORE_ID_TOKEN: publisher });
  expect(ran.exitCode, ran.stderr).toBe(0);
  return pushImage(registry, name, image);
}

/** Where the job of this test runs. */
function whereItRuns(image: string): CiSite {
  mkdirSync(join(folder, "temp"), { recursive: true });
  const { database, key } = project;
  return { folder, host: registry.host, image, database, key, token, tokens: `${tokens.origin}/token?api-version=2` };
}

const fileOf = (name: string): string => readFileSync(join(folder, name), "utf8");

interface Example {
  readonly file: string;
  readonly image: string;
  readonly job: (site: CiSite) => CiJob;
  /** Steps that end well when the image is good; the gate is the one called `gate`. */
  readonly steps: readonly string[];
  readonly gate: string;
  /** What the platform takes up afterwards. */
  readonly results: readonly string[];
  /** How the image's signature, SBOM and provenance are proven; provenance by its builder, where one is attached. */
  readonly signer: () => readonly string[];
  readonly builder?: string;
}

const byIdentity = (): readonly string[] => [
  "--organization",
  "acme",
  "--trusted-root",
  join(project.directory, "trusted_root.json"),
];
const byKey = (): readonly string[] => ["--key", project.publicKey];

const examples: readonly Example[] = [
  {
    file: "github-workflow.yml",
    image: `acme/shop:${sha}`,
    job: githubWorkflow,
    steps: [
      "Log in, build and push",
      "Advisories",
      "Scan",
      "Show findings in code scanning",
      "Sign, attest, prove",
      "Verify what was stored",
    ],
    gate: "Scan",
    results: ["scan.sarif", "scan.html", "sbom.cdx.json", "temp/summary"],
    signer: byIdentity,
    builder: workflow,
  },
  {
    file: "github-action/action.yml",
    image: "acme/api:1",
    job: githubAction,
    steps: ["Scan", "Inventory", "Sign and attest"],
    gate: "Scan",
    results: ["temp/scan.sarif", "temp/sbom.cdx.json", "temp/output"],
    signer: byIdentity,
    builder: workflow,
  },
  {
    file: "gitlab-ci.yml",
    image: `group/shop:${sha}`,
    job: gitlabJob,
    steps: ["script"],
    gate: "script",
    results: ["gl-container-scanning-report.json", "gl-sbom.cdx.json", "scan.xml"],
    signer: byIdentity,
    builder: "https://gitlab.example/group/shop/-/runners/3",
  },
  {
    file: "circleci.yml",
    image: "acme/api:1.4.2",
    job: circleciJob,
    steps: ["Advisories", "Scan", "Sign by identity"],
    gate: "Scan",
    results: ["results/scan.xml"],
    signer: byIdentity,
    builder: "https://circleci.com",
  },
  {
    file: "Jenkinsfile",
    image: `acme/api:${sha}`,
    job: jenkinsJob,
    steps: ["Scan", "Scan", "Sign", "Sign", "Sign"],
    gate: "Scan",
    results: ["scan.xml", "scan.html", "sbom.cdx.json"],
    signer: byKey,
  },
];

describe("the examples for build platforms, their shell run as the platform runs it (RUN-4)", () => {
  test.each(examples)(
    "given an image without findings, when the job of $file runs, then it is signed and attested and the results are where the platform looks",
    { timeout: 60_000 },
    async ({ image, job, steps, results, signer, builder }) => {
      const reference = await publish(image, cleanImage("web"));
      const { ended, output } = await run(job(whereItRuns(reference)));
      expect(ended, output).toEqual(steps.map((name) => [name, 0]));
      for (const name of results) expect(existsSync(join(folder, name)), name).toBe(true);
      const verify = await project.sc(["image", "verify", reference, ...signer(), "--json"]);
      expect(documentOf(verify)).toMatchObject({ outcome: "pass" });
      const trees = await project.sc(["image", "tree", reference, "--json"]);
      const types = [...trees.stdout.matchAll(/"predicateType": "([^"]+)"/g)].map(([, type]) => type);
      const provenance = "https://slsa.dev/provenance/v1";
      expect(types.includes(provenance)).toBe(builder !== undefined);
      if (builder === undefined) return;
      const attested = await project.sc([
        "verify-attestation",
        reference,
        "--type",
        "slsaprovenance1",
        ...signer(),
        "--json",
      ]);
      expect(attested.stdout).toContain(JSON.stringify(builder));
    },
  );

  test.each(examples)(
    "given an image above the gate, when the job of $file runs, then it ends at its scan and nothing is signed",
    { timeout: 60_000 },
    async ({ image, job, steps, gate, results }) => {
      const reference = await publish(image, vulnerable);
      const described = job(whereItRuns(reference));
      const isAction = described.variables["SC"] === undefined && described.variables["GITHUB_ACTIONS"] === "true";
      // The action's own gate is at critical findings: a caller may want more.
      const steady = isAction
        ? described.steps.map((step) =>
            step.name === gate ? { ...step, variables: { ...step.variables, SC_FAIL_ON: "high" } } : step,
          )
        : described.steps;
      const { ended, output } = await run({ ...described, steps: steady });
      const failed = ended.find(([, exitCode]) => exitCode !== 0);
      expect(failed, output).toEqual([gate, 1]);
      expect(ended.length).toBeLessThanOrEqual(steps.length);
      const written = registry.requests.filter(
        ({ method, target }) => method === "PUT" && target.includes(image.split(":")[0] ?? ""),
      );
      expect(written).toEqual([]);
      // The report of what was found is there all the same.
      expect(existsSync(join(folder, results[0] ?? ""))).toBe(true);
    },
  );

  test("given the workflow of GitHub, when its scan found something, then code scanning gets the whole SARIF document all the same", async () => {
    await publish(`acme/shop:${sha}`, vulnerable);
    await run(githubWorkflow(whereItRuns("")));
    const [, encoded = ""] = / sarif=(\S+)$/m.exec(fileOf(".log")) ?? [];
    const sarif = JSON.parse(gunzipSync(Buffer.from(encoded, "base64")).toString());
    expect(sarif).toEqual(JSON.parse(fileOf("scan.sarif")));
    expect(fileOf(".log")).toContain(`docker push ${registry.host}/acme/shop:${sha}`);
    expect(fileOf(".log")).not.toContain("t0k3n");
    expect(fileOf("temp/summary")).toContain("lodash");
  });
});

test("given the job for Kubernetes, when its container runs, then it ends in 0 for an image of the team's key with its SBOM, and in 1 for any other (RUN-4)", async () => {
  const job = kubernetesJob();
  const image = pushImage(registry, "acme/api:1.4.2", cleanImage("web"));
  // The volume that is mounted, as the job's own ConfigMap fills it.
  const words = job.words.map((word) => here(word).replace(job.mountPath, project.directory));
  expect(words).toContain(image);
  expect([job.mounted, existsSync(project.publicKey)]).toEqual([["cosign.pub"], true]);
  const exitOf = async (): Promise<number> => (await project.sc(words)).exitCode;
  expect(await exitOf()).toBe(1);
  expect((await project.sc(["image", "sign", image, "--key", project.key])).exitCode).toBe(0);
  expect(await exitOf()).toBe(1);
  expect((await project.sc(["image", "sign", image, "--key", project.key, "--sbom"])).exitCode).toBe(0);
  expect(await exitOf()).toBe(0);
});
