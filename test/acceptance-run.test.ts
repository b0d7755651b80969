import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { Interrupted } from "@sc/cli";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cleanImage, createProject, criticalImage, type Project, vulnerable, workflow } from "./acceptance-project.ts";
import { documentOf, type Ran } from "./run-cli.ts";

let project: Project;
let registry: TestRegistry;

beforeAll(async () => {
  project = await createProject();
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
});
beforeEach(async () => {
  registry = await startRegistry();
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
});

const push = (...names: readonly string[]): readonly string[] =>
  names.map((name) => pushImage(registry, `acme/${name}:1`, name === "api" ? vulnerable : cleanImage(name)));
const attached = (): number =>
  registry.requests.filter(({ method, target }) => method === "PUT" && target.includes("/manifests/")).length;

// The places in the registry's log of the requests for an image.
const requestsAbout = (name: string): readonly number[] =>
  registry.requests.flatMap(({ target }, index) => (target.includes(`/acme/${name}/`) ? [index] : []));

const scan = (more: string): string => `security: {enabled: true, scan: {enabled: true${more}}}`;

const cli = join(import.meta.dirname, "../packages/cli/src/bin.ts");
/** Writes down which modules a process loaded. */
const loadedModules = `import { registerHooks } from "node:module";
import { writeFileSync } from "node:fs";
const loaded = [];
registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
process.on("exit", () => writeFileSync(process.env.LOADED, JSON.stringify(loaded)));
`;
const hasGit = spawnSync("git", ["--version"]).status === 0;

async function provenanceOf(variables: Readonly<Record<string, string>>, more = ""): Promise<Ran> {
  const config = `security: {enabled: true, provenance: {enabled: true, required: true, includeGit: false${more}}, signing: {enabled: true, privateKey: ${project.key}}}`;
  return await project.secure(config, push("web"), variables);
}

describe("what is disabled (RUN-2)", () => {
  test("given security that is not enabled, when an image is secured, then no socket is opened, and no file is written", async () => {
    const [image = ""] = push("web");
    const files = (): readonly string[] => readdirSync(project.directory, { recursive: true, encoding: "utf8" });
    const before = new Set([...files(), "sc.yaml"]);
    const asked = project.sigstore.requests.length;
    const config = "security: {scan: {enabled: true, required: true}, signing: {enabled: true, required: true}}";
    const ran = await project.secure(config, [image]);
    expect(ran.exitCode).toBe(0);
    expect(documentOf(ran)).toMatchObject({ outcome: "pass", enabled: false, images: [] });
    expect(registry.requests).toEqual([]);
    expect(project.sigstore.requests).toHaveLength(asked);
    expect(files().filter((name) => !before.has(name))).toEqual([]);
  });

  test("given security that is not enabled, when an image is secured, then nothing that reaches a registry, scans or signs is loaded", () => {
    const list = project.write("list.mjs", loadedModules);
    const at = join(project.directory, "loaded.json");
    const loaded = (config: string, status: number): readonly string[] => {
      const file = project.write("off.yaml", config);
      const words = ["--import", list, cli, "secure", "--config", file, "--image", "127.0.0.1:1/acme/web:1"];
      const ran = spawnSync(process.execPath, words, { env: { LOADED: at, HOME: project.directory }, stdio: "ignore" });
      expect(ran.status).toBe(status);
      const urls: unknown = JSON.parse(readFileSync(at, "utf8"));
      if (!Array.isArray(urls)) throw new Error("no list of modules");
      return urls.map(String);
    };
    const stages = /\/packages\/(?:oci|http|scan|sign|policy)\//;
    const off = loaded("security: {scan: {enabled: true}, signing: {enabled: true}}", 0);
    const on = loaded("security: {enabled: true, scan: {enabled: true}}", 4);
    expect(off.filter((url) => stages.test(url))).toEqual([]);
    expect(on.filter((url) => stages.test(url))).not.toEqual([]);
    // 583 of 1043 when this was written: of what is loaded most are the formats that the configuration may name.
    expect(off.length).toBeLessThan(0.65 * on.length);
  });

  test("given one feature alone, when it runs, then nothing of the others is done", async () => {
    const [image = ""] = push("web");
    const ran = await project.secure("security: {enabled: true, scan: {enabled: true}}", [image]);
    expect(documentOf(ran)).toMatchObject({ summary: { scanned: 1, signed: 0, sboms: 0, provenances: 0 } });
    expect(attached()).toBe(0);
    expect(project.sigstore.requests).toEqual([]);
  });
});

describe("SBOMs (RUN-2, SBOM-6)", () => {
  test("given three services, when their SBOMs are made, then they are made in parallel, all are attached and each is its own", async () => {
    const images = push("web", "job", "cron");
    const config = `security: {enabled: true, sbom: {enabled: true, required: true}, signing: {enabled: true, privateKey: ${project.key}}}`;
    const ran = await project.secure(config, images);
    expect(ran.exitCode).toBe(0);
    expect(documentOf(ran)).toMatchObject({ summary: { images: 3, secured: 3, sboms: 3, signed: 3 } });
    // Every service was begun before the first was done.
    const spans = ["web", "job", "cron"]
      .map(requestsAbout)
      .map((all) => ({ first: all[0] ?? 0, last: all.at(-1) ?? 0 }));
    expect(Math.max(...spans.map(({ first }) => first))).toBeLessThan(Math.min(...spans.map(({ last }) => last)));
    for (const image of images) {
      const verified = await project.sc(["sbom", "verify", "-i", image, "--key", project.publicKey]);
      expect(verified.exitCode).toBe(0);
    }
  });

  test("given a run before, when nothing changed, then nothing is written to the registry again (RUN-3)", async () => {
    const images = push("web", "job");
    const config = `security: {enabled: true, scan: {enabled: true}, sbom: {enabled: true}, provenance: {enabled: true, includeGit: false}, signing: {enabled: true, privateKey: ${project.key}}}`;
    const first = await project.secure(config, images);
    const written = attached();
    const again = await project.secure(config, images);
    expect(written).toBeGreaterThan(0);
    expect(attached()).toBe(written);
    expect(documentOf(again)["summary"]).toEqual(documentOf(first)["summary"]);
  });

  test("given a format that does not exist, when the run is asked for, then the formats there are are named and nothing is done", async () => {
    const images = push("web");
    const ran = await project.secure("security: {enabled: true, sbom: {enabled: true, format: cyclonedx}}", images);
    expect(ran.exitCode).toBe(3);
    for (const format of ["cyclonedx-json", "cyclonedx-xml", "spdx-json", "spdx-tag-value", "syft-json"])
      expect(ran.stderr).toContain(format);
    expect(registry.requests).toEqual([]);
  });

  test.skipIf(!hasGit)(
    `given a local path in a git checkout, when the SBOM is written there, then git does not see it${hasGit ? "" : " (skipped: git is not installed)"}`,
    async () => {
      const images = push("web");
      execFileSync("git", ["init", "-q", project.directory]);
      const folder = join(project.directory, ".sc/out");
      const config = `security: {enabled: true, sbom: {enabled: true, format: spdx-json, attach: false, output: {local: '${folder}'}}}`;
      const ran = await project.secure(config, images);
      expect(ran.exitCode).toBe(0);
      const file = readdirSync(folder).find((name) => name.endsWith(".spdx.json")) ?? "";
      expect(JSON.parse(readFileSync(join(folder, file), "utf8"))).toMatchObject({ spdxVersion: "SPDX-2.3" });
      const seen = execFileSync("git", [
        "-C",
        project.directory,
        "status",
        "--short",
        "--untracked-files=all",
      ]).toString();
      expect(seen).not.toContain(".sc/out");
      expect(attached()).toBe(0);
    },
  );

  test("given a local folder that is there already, when it is in a checkout and not ignored, then a warning says so, and not where it is ignored", async () => {
    const [image = ""] = push("web");
    mkdirSync(join(project.directory, "seen/.git"), { recursive: true });
    const warned = async (folder: string, ignored?: string): Promise<boolean> => {
      const at = join(project.directory, "seen", folder);
      mkdirSync(at, { recursive: true });
      project.write("seen/.gitignore", ignored ?? "");
      const config = `security: {enabled: true, sbom: {enabled: true, attach: false, output: {local: '${at}'}}}`;
      const ran = await project.secure(config, [image]);
      expect(ran.exitCode).toBe(0);
      return ran.stderr.includes("git does not ignore this folder");
    };
    expect(await warned("out")).toBe(true);
    expect(await warned("out", "node_modules/\nout/\n")).toBe(false);
    expect(await warned("deep/out", "/deep/\n")).toBe(false);
    expect(await warned("deep/out", "/other/\nou\n")).toBe(true);
    expect(await warned("out", "out/\n!out/\n")).toBe(true);
    const made = join(project.directory, "seen/made");
    const config = `security: {enabled: true, sbom: {enabled: true, attach: false, output: {local: '${made}'}}}`;
    for (const _ of ["made", "found again"])
      expect((await project.secure(config, [image])).stderr).not.toContain("git does not ignore");
  });

  test.each(["cyclonedx-xml", "spdx-tag-value"])(
    "given a required SBOM that is to be signed as %s, which cannot be attested, when the run is made, then it exits 1, and only warns where it is not required",
    async (format) => {
      const [image = ""] = push("web");
      const config = (required: boolean): string =>
        `security: {enabled: true, sbom: {enabled: true, required: ${required}, format: ${format}}, signing: {enabled: true, privateKey: ${project.key}}}`;
      const strict = await project.secure(config(true), [image]);
      expect(strict.exitCode).toBe(1);
      expect(documentOf(strict)).toMatchObject({
        images: [
          { outcome: "violation", stoppedAt: "attach", error: { code: "SBOM_UNSIGNED" }, attached: { sboms: 0 } },
        ],
      });
      const tolerant = await project.secure(config(false), [image]);
      expect(tolerant.exitCode).toBe(0);
      expect(documentOf(tolerant)).toMatchObject({
        summary: { sboms: 1 },
        images: [{ warnings: [{ code: "SBOM_UNSIGNED" }] }],
      });
    },
  );

  test("given packages of a private scope, when the SBOM is published, then it does not name them", async () => {
    const [image = ""] = push("web");
    const folder = join(project.directory, "private");
    const config = `security: {enabled: true, sbom: {enabled: true, attach: false, exclude: ['pkg:npm/web@*'], output: {local: '${folder}'}}}`;
    expect((await project.secure(config, [image])).exitCode).toBe(0);
    const file = readdirSync(folder).find((name) => name.endsWith(".cdx.json")) ?? "";
    expect(readFileSync(join(folder, file), "utf8")).not.toContain("pkg:npm/web@");
  });
});

describe("provenance (RUN-4, SIGN-6)", () => {
  const gitlab = {
    CI: "true",
    GITLAB_CI: "true",
    CI_PROJECT_URL: "https://gitlab.com/acme/shop",
    CI_COMMIT_SHA: "fedcba9876543210fedcba9876543210fedcba98",
    CI_COMMIT_BRANCH: "main",
    CI_JOB_NAME: "release",
    CI_RUNNER_ID: "12",
  };

  test.each([
    ["GitHub Actions", "github-actions", "https://github.com/acme/shop", workflow],
    ["GitLab CI", "gitlab-ci", "https://gitlab.com/acme/shop", "https://gitlab.com/acme/shop/-/runners/12"],
  ])(
    "given a job of %s, when an image is secured, then its provenance names the platform and verifies against its source",
    async (_name, platform, source, builder) => {
      const ran = await provenanceOf({
        ...(platform === "gitlab-ci" ? gitlab : project.github),
        SECRET: "must-not-appear",
      });
      expect(ran.exitCode).toBe(0);
      expect(documentOf(ran)).toMatchObject({ summary: { provenances: 1 }, images: [{ provenance: { platform } }] });
      const [image = ""] = push("web");
      const by = ["--key", project.publicKey, "--expected-builder-id", builder];
      const asked = ["provenance", "verify", "-i", image, ...by, "--expected-source-uri"];
      expect((await project.sc([...asked, source])).exitCode).toBe(0);
      expect((await project.sc([...asked, "https://github.com/mallory/shop"])).exitCode).toBe(1);
      expect(ran.stdout + ran.stderr).not.toContain("must-not-appear");
    },
  );

  test("given no CI, when an image is secured, then the provenance says that nobody vouches for it, with a notice", async () => {
    const ran = await provenanceOf({});
    expect(ran.exitCode).toBe(0);
    expect(documentOf(ran)).toMatchObject({ images: [{ provenance: { platform: "local" } }] });
    expect(ran.stderr).toContain("no known build platform");
  });

  test("given a builder's id and no materials, when the provenance is written, then it says just that", async () => {
    const folder = join(project.directory, "provenance");
    const more = `, builder: {id: 'https://ci.example.org'}, metadata: {includeMaterials: false}, output: {registry: false, local: '${folder}'}`;
    expect((await provenanceOf(project.github, more)).exitCode).toBe(0);
    const file = readdirSync(folder).find((name) => name.endsWith(".provenance.json")) ?? "";
    const predicate: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
    expect(predicate).toMatchObject({ runDetails: { builder: { id: "https://ci.example.org" } } });
    expect(JSON.stringify(predicate)).not.toContain("gitCommit");
    expect(attached()).toBe(2);
  });
});

describe("scanning (RUN-2, SCAN-7)", () => {
  test("given an image with known findings, when it is scanned, then a table shows them with the fixed version", async () => {
    const [image = ""] = push("api");
    const ran = await project.sc(["image", "scan", "-i", image, "--db", project.database]);
    expect(ran.stdout).toMatch(/SEV +PACKAGE +INSTALLED +FIXED IN/);
    expect(ran.stdout).toMatch(/^HIGH +lodash +4\.17\.15 +4\.17\.21 +CVE-2021-23337/m);
  });

  test("given a gate on critical, when an image has a critical finding it is blocked before anything is signed, and one of high findings or of none is allowed", async () => {
    const [api = "", web = ""] = push("api", "web");
    const critical = pushImage(registry, "acme/critical:1", criticalImage);
    const config = `security: {enabled: true, scan: {enabled: true, failOn: critical}, signing: {enabled: true, privateKey: ${project.key}}}`;
    const ran = await project.secure(config, [critical, api, web]);
    expect(ran.exitCode).toBe(1);
    expect(documentOf(ran)).toMatchObject({
      outcome: "violation",
      summary: { scanned: 3, secured: 2, signed: 2, criticalFindings: 1 },
      images: [
        { outcome: "violation", stoppedAt: "scan", records: [] },
        {
          outcome: "pass",
          verified: 1,
          findings: expect.arrayContaining([expect.objectContaining({ severity: "high" })]),
        },
        { outcome: "pass", verified: 1, findings: [] },
      ],
    });
    expect((await project.secure(config, [api, web])).exitCode).toBe(0);
  });

  test("given two scanners by name, when the image is scanned, then the strictest gate holds and it is said by what they are served", async () => {
    const [image = ""] = push("api");
    const tools = ", tools: [{name: grype, failOn: critical}, {name: trivy, failOn: high}]";
    const ran = await project.secure(scan(tools), [image]);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toContain("scan.tools grype, trivy: served by sc itself");
    // Each vulnerability of a package stands once, with who found it.
    const [{ findings }] = documentOf(ran)["images"] as [{ findings: { id: string; foundBy: unknown }[] }];
    expect(findings.map(({ foundBy }) => foundBy)).toEqual(findings.map(() => ["grype", "trivy"]));
    expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
    expect(findings.length).toBeGreaterThan(1);
    const off = ", tools: [{name: grype, enabled: false, failOn: high}]";
    expect(documentOf(await project.secure(scan(off), [image]))).toMatchObject({ summary: { scanned: 0 } });
  });

  test("given a finding that is accepted with a reason, when its day is over, then it counts again", async () => {
    const [image = ""] = push("api");
    const ids = ["GHSA-35jh-r3h4-6jhm", "GHSA-p6mc-m468-83gw", "GHSA-jf85-cpcp-j695", "GHSA-29mw-wpgm-hmr9"];
    const ignore = (expires: string): string =>
      `, failOn: high, ignore: [${ids.map((id) => `{id: ${id}, reason: not reachable, expires: ${expires}}`).join(", ")}]`;
    expect((await project.secure(scan(ignore("2099-01-01")), [image])).exitCode).toBe(0);
    expect((await project.secure(scan(ignore("2020-01-01")), [image])).exitCode).toBe(1);
  });

  test("given that findings are to be attached, when the image passes, then they verify as a vulnerability attestation", async () => {
    const [image = ""] = push("api");
    const config = `security: {enabled: true, scan: {enabled: true, output: {registry: true}}, signing: {enabled: true, privateKey: ${project.key}}}`;
    expect((await project.secure(config, [image])).exitCode).toBe(0);
    const asked = ["verify-attestation", "-i", image, "--type", "vuln", "--key", project.publicKey];
    expect((await project.sc(asked)).exitCode).toBe(0);
  });
});

describe("a run that is interrupted (RUN-2)", () => {
  test("given three images one after the other, when the second is being signed and Ctrl-C is pressed, then it exits 130, names the one that is done, and the next run finishes the rest", async () => {
    const images = push("web", "job", "cron");
    const config = `security: {enabled: true, sbom: {enabled: true}, signing: {enabled: true, privateKey: ${project.key}}}`;
    const interruption = new AbortController();
    const second = cleanImage("job").descriptor.digest;
    registry.settings.refusesManifest = ({ subject }) => {
      if (subject === second) interruption.abort(new Interrupted());
      return false;
    };
    const ran = await project.secure(config, images, {}, { words: ["--jobs", "1"], signal: interruption.signal });
    expect(ran.exitCode).toBe(130);
    expect(documentOf(ran)).toMatchObject({ outcome: "error", error: { code: "INTERRUPTED" } });
    expect(ran.stderr).toContain(`${images[0] ?? ""} (1 of 3)`);
    expect(ran.stderr).not.toContain(images[2]);
    expect(registry.requests.filter(({ target }) => target.includes("/acme/cron/"))).toEqual([]);
    registry.settings.refusesManifest = () => false;
    const [web = "", ...rest] = images;
    expect((await project.sc(["verify", "-i", web, "--key", project.publicKey])).exitCode).toBe(0);
    const again = await project.secure(config, images);
    expect(documentOf(again)).toMatchObject({ outcome: "pass", summary: { secured: 3, signed: 3, sboms: 3 } });
    for (const image of rest)
      expect((await project.sc(["verify", "-i", image, "--key", project.publicKey])).exitCode).toBe(0);
  });
});
