import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, buildLayer, pushImage, startRegistry, startSigstore, type TestSigstore } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

const directory = mkdtempSync(join(tmpdir(), "sc-identity-"));
const subject = "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main";
const issuer = "https://token.actions.githubusercontent.com";
const image = buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "hello" }])] });
const trustedRoot = join(directory, "trusted_root.json");

let sigstore: TestSigstore;
let token: string;

beforeAll(async () => {
  sigstore = await startSigstore();
  writeFileSync(trustedRoot, sigstore.trustedRoot);
  token = sigstore.issuer.issue({
    iss: issuer,
    sub: "repo:acme/api:ref:refs/heads/main",
    job_workflow_ref: subject,
    aud: "sigstore",
  });
});
afterAll(async () => {
  await sigstore[Symbol.asyncDispose]();
});

async function sc(words: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Ran> {
  // The authorities' clock runs a little ahead of the machine's.
  const now = new Date(sigstore.clock.getTime() + 60_000);
  return await runCli(words, { variables: { HOME: directory, LANG: "C.UTF-8", ...variables }, now });
}

const services = (): readonly string[] => [
  "--keyless",
  "--fulcio-url",
  sigstore.origin,
  "--rekor-url",
  sigstore.origin,
];
const accepted = ["--certificate-identity", subject, "--oidc-issuer", issuer, "--trusted-root", trustedRoot];

describe("signing by identity (SIGN-2)", () => {
  test("a token from the environment signs, and exactly that identity verifies, in both forms", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const signed = await sc(["image", "sign", "--image", reference, ...services()], { SIGSTORE_ID_TOKEN: token });
    expect(signed.stderr).not.toContain("SC-");
    expect(signed.exitCode).toBe(0);
    expect(signed.stdout).toContain("bundle");
    expect(signed.stdout).toContain("tag");
    const verified = await sc(["image", "verify", "--image", reference, ...accepted]);
    expect(verified.exitCode).toBe(0);
    const other = ["--certificate-identity", `${subject}x`, "--oidc-issuer", issuer, "--trusted-root", trustedRoot];
    expect((await sc(["image", "verify", "--image", reference, ...other])).exitCode).toBe(1);
    const key = await sc(["image", "sign", "--image", reference, ...services(), "--key", "k"]);
    expect(key.exitCode).toBe(3);
    for (const ran of [signed, verified]) expect(ran.stdout + ran.stderr).not.toContain(token);
  });

  test("without any identity the answer names what was looked for, and nothing is attached", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const ran = await sc(["image", "sign", "--image", reference, ...services()]);
    expect(ran.exitCode).not.toBe(0);
    expect(ran.stderr).toContain("SC-IDENTITY-NOT-FOUND");
    expect(registry.requests.filter(({ method }) => method === "PUT" || method === "POST")).toEqual([]);
  });

  test("a token given as option is in no output, not even of a failure", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const refused = ["--keyless", "--fulcio-url", `${sigstore.origin}/nowhere`, "--identity-token", token];
    const ran = await sc(["image", "sign", "-v", "--image", reference, ...refused]);
    expect(ran.exitCode).toBe(4);
    expect(ran.stdout + ran.stderr).not.toContain(token);
  });
});

describe("attestations and provenance from the command line (SIGN-4, SIGN-6)", () => {
  test("what is attested verifies by its type and no other", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const predicate = join(directory, "vex.json");
    writeFileSync(predicate, '{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}');
    const words = ["attest", "--image", reference, "--type", "openvex", "--predicate", predicate];
    expect((await sc([...words, ...services()], { SIGSTORE_ID_TOKEN: token })).exitCode).toBe(0);
    const asked = ["verify-attestation", "--image", reference, "--type"];
    const verified = await sc([...asked, "openvex", ...accepted]);
    expect(verified.exitCode).toBe(0);
    expect(JSON.parse(verified.stdout)).toEqual(JSON.parse(readFileSync(predicate, "utf8")));
    expect((await sc([...asked, "vuln", ...accepted])).exitCode).toBe(1);
    expect((await sc(["image", "verify", "--image", reference, ...accepted])).exitCode).toBe(1);
  });

  test("provenance of a CI job is generated, attached and verified against its source, and against no other", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const job = {
      SIGSTORE_ID_TOKEN: token,
      GITHUB_ACTIONS: "true",
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_REPOSITORY: "acme/api",
      GITHUB_REF: "refs/heads/main",
      GITHUB_SHA: "0123456789abcdef0123456789abcdef01234567",
      GITHUB_WORKFLOW_REF: "acme/api/.github/workflows/release.yml@refs/heads/main",
      GITHUB_RUN_ID: "1",
      GITHUB_RUN_ATTEMPT: "1",
      GITHUB_EVENT_NAME: "push",
      RUNNER_ENVIRONMENT: "github-hosted",
      SECRET_OF_THE_JOB: "must-not-appear",
    };
    const made = await sc(["provenance", "generate", "--image", reference, "--source-root", directory], job);
    expect(made.exitCode).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({
      predicateType: "https://slsa.dev/provenance/v1",
      subject: [{ digest: { sha256: image.descriptor.digest.slice("sha256:".length) } }],
    });
    expect(made.stdout).not.toContain("must-not-appear");
    const attached = await sc(
      ["provenance", "attach", "--image", reference, "--source-root", directory, ...services()],
      job,
    );
    expect(attached.stderr).not.toContain("SC-");
    expect(attached.exitCode).toBe(0);
    const asked = ["provenance", "verify", "--json", "--image", reference, ...accepted, "--expected-source-uri"];
    const verified = await sc([...asked, "https://github.com/acme/api"]);
    expect(verified.stdout + verified.stderr).toContain('"level"');
    expect(documentOf(verified)).toMatchObject({ outcome: "pass", digest: image.descriptor.digest });
    const stranger = await sc([...asked, "https://github.com/mallory/api"]);
    expect(stranger.exitCode).toBe(1);
  });
});

describe("advisory databases signed by identity (SCAN-2, SIGN-2)", () => {
  test("are pushed and exported by a CI job, and taken over from exactly that identity", async () => {
    await using registry = await startRegistry();
    const [built, file] = [join(directory, "built"), join(directory, "advisories.tar")];
    const folder = (name: string): string => join(directory, "taken", name);
    const from = new URL("../vectors/advisories", import.meta.url).pathname;
    expect((await sc(["db", "build", "--from", from, "--db", built])).exitCode).toBe(0);
    const reference = `${registry.host}/acme/advisories:1`;
    const job = { SIGSTORE_ID_TOKEN: token };
    expect((await sc(["db", "push", reference, "--db", built])).exitCode).toBe(1);
    const pushed = await sc(["db", "push", reference, "--db", built, ...services()], job);
    expect([pushed.exitCode, pushed.stderr]).toEqual([0, expect.not.stringContaining("SC-")]);
    const exported = await sc(["db", "export", file, "--db", built, ...services()], job);
    expect(exported.exitCode).toBe(0);
    const stranger = ["--certificate-identity", `${subject}x`, "--oidc-issuer", issuer, "--trusted-root", trustedRoot];
    const ways = [
      ["pull", reference],
      ["import", file],
    ] as const;
    for (const [way, source] of ways) {
      const refused = await sc(["db", way, source, "--db", folder(`${way}-refused`), ...stranger]);
      expect(refused.exitCode, way).toBe(1);
      expect(existsSync(join(folder(`${way}-refused`), "index.json")), way).toBe(false);
      const taken = await sc(["db", way, source, "--db", folder(way), ...accepted]);
      expect([taken.exitCode, taken.stderr], way).toEqual([0, expect.not.stringContaining("SC-")]);
      const status = await sc(["db", "status", "--db", folder(way), ...accepted]);
      expect([status.exitCode, status.stdout], way).toEqual([0, expect.stringContaining(subject)]);
    }
    for (const { stdout, stderr } of [pushed, exported]) expect(stdout + stderr).not.toContain(token);
  });
});
