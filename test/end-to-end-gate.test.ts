import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificateClaims } from "@sc/sign";
import {
  buildImage,
  buildIndex,
  buildLayer,
  pushImage,
  startRegistry,
  startSigstore,
  type TestRegistry,
  type TestSigstore,
} from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-gate-"));
const at = (name: string): string => join(folder, name);
const advisories = join(import.meta.dirname, "../vectors/advisories");
const issuer = "https://token.actions.githubusercontent.com";
const subject = "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main";

const vulnerable = buildLayer([
  {
    path: "app/node_modules/lodash/package.json",
    content: '{"name": "lodash", "version": "4.17.15", "license": "MIT"}',
  },
]);
const images = {
  api: buildImage({ layers: [vulnerable] }),
  web: buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "web" }])] }),
  job: buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "job" }])] }),
};

let registry: TestRegistry;
let sigstore: TestSigstore;
let api: string;
let web: string;
let job: string;
const byKey = ["--public-key", at("cosign.pub")];
const key = ["--key", at("cosign.key")];
const root = ["--trusted-root", at("root.json")];

async function sc(words: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const now = new Date(sigstore.clock.getTime() + 60_000);
  return await runCli(words, {
    variables: { HOME: folder, LANG: "C.UTF-8", COSIGN_PASSWORD: "correct horse", ...variables },
    now,
  });
}

/** Signed with a key: api with an attested SBOM and provenance, web without, job not at all. */
beforeAll(async () => {
  registry = await startRegistry();
  sigstore = await startSigstore();
  writeFileSync(at("root.json"), sigstore.trustedRoot);
  api = pushImage(registry, "acme/api:1", images.api);
  web = pushImage(registry, "acme/web:1", images.web);
  job = pushImage(registry, "acme/job:1", images.job);
  await sc(["db", "build", "--from", advisories, "--db", at("db")]);
  await sc(["key", "generate", "--output-key-prefix", at("cosign")]);
  expect((await sc(["image", "sign", api, web, ...key])).exitCode).toBe(0);
  expect((await sc(["sbom", "generate", "-i", api, "-o", at("sbom.json")])).exitCode).toBe(0);
  expect((await sc(["sbom", "attach", "-i", api, "--sbom", at("sbom.json"), ...key])).exitCode).toBe(0);
  expect((await sc(["provenance", "attach", "-i", api, "--source-root", folder, ...key])).exitCode).toBe(0);
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe("sc image verify of several images (SIGN-5)", () => {
  test("is a table with what is attested, and one line that counts", async () => {
    const ran = await sc(["image", "verify", api, web, ...byKey]);
    expect(ran.exitCode).toBe(0);
    const rows = ran.stdout.split("\n").map((line) => line.split(/ {2,}/));
    expect(rows[0]?.slice(-5)).toEqual(["IMAGE", "SIGNED", "SBOM", "PROV", "BY"]);
    expect(rows[1]?.slice(2, 5)).toEqual(["yes", "yes", "yes"]);
    expect(rows[2]?.slice(2, 5)).toEqual(["yes", "–", "–"]);
    expect(ran.stdout).toContain("2 of 2 verified");
    for (const line of ran.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("says in 1 that one of them is not signed, and looks at the others unless it is to stop", async () => {
    const report = at("report.json");
    const ran = await sc(["image", "verify", job, api, ...byKey, "--report", report, "--json"]);
    expect(ran.exitCode).toBe(1);
    expect(documentOf(ran)).toMatchObject({
      schema: "urn:sc:image-verify:1",
      outcome: "violation",
      verified: 1,
      images: [
        { verified: false, passed: false, error: { code: "NO_SIGNATURES" } },
        { verified: true, passed: true, sbom: { state: "verified" }, provenance: { state: "verified" } },
      ],
    });
    expect(JSON.parse(readFileSync(report, "utf8"))).toMatchObject({ outcome: "violation", verified: 1 });
    const stopped = await sc(["image", "verify", job, api, ...byKey, "--fail-fast"]);
    expect(stopped.exitCode).toBe(1);
    expect(stopped.stdout).toContain("1 not looked at");
  });

  test("fails for want of what is required, also where it is there and by somebody who is not accepted", async () => {
    expect((await sc(["verify", api, ...byKey, "--require", "sbom", "--require", "provenance"])).exitCode).toBe(0);
    const lacking = await sc(["verify", web, ...byKey, "--require", "sbom"]);
    expect(lacking.exitCode).toBe(1);
    expect(lacking.stdout).toContain("--require sbom: none is attached");

    await sc(["key", "generate", "--output-key-prefix", at("stranger")]);
    const both = pushImage(registry, "acme/both:1", buildImage({ layers: [vulnerable], config: { User: "1" } }));
    await sc(["image", "sign", both, ...key]);
    await sc(["provenance", "attach", "-i", both, "--source-root", folder, "--key", at("stranger.key")]);
    const strange = await sc(["verify", both, ...byKey, "--require", "provenance", "--json"]);
    expect(strange.exitCode).toBe(1);
    expect(documentOf(strange)).toMatchObject({
      images: [{ verified: true, passed: false, provenance: { state: "refused" } }],
    });
  });

  test("fails for vulnerabilities of the severities named: of the attested packages, or of the image's own", async () => {
    const gate = ["--severity", "critical,high", "--db", at("db")];
    const attested = await sc(["verify", api, ...byKey, ...gate, "--json"]);
    expect(attested.exitCode).toBe(1);
    expect(documentOf(attested)).toMatchObject({
      images: [{ verified: true, passed: false, vulnerabilities: { from: "sbom" } }],
    });
    expect((await sc(["verify", api, ...byKey, ...gate, "--no-vuln-check"])).exitCode).toBe(0);
    const none = await sc(["verify", api, ...byKey, "--severity", "critical", "--db", at("no-database")]);
    expect(none.exitCode).toBe(2);

    const bare = pushImage(registry, "acme/bare:1", images.api);
    await sc(["image", "sign", bare, ...key]);
    const own = await sc(["verify", bare, ...byKey, ...gate]);
    expect(own.exitCode).toBe(1);
    expect(own.stdout).toContain("VULN");
    expect(own.stdout).toMatch(/--severity critical,high: \d+ vulnerabilit/);
    const clean = await sc(["verify", web, ...byKey, ...gate, "--json"]);
    expect(clean.exitCode).toBe(0);
    expect(documentOf(clean)).toMatchObject({ images: [{ vulnerabilities: { from: "image", refused: 0 } }] });
  });

  test("names the tools that verify what is stored, and none that do not read it", async () => {
    const only = pushImage(registry, "acme/only:1", buildImage({ layers: [vulnerable], config: { User: "2" } }));
    await sc(["image", "sign", only, ...key, "--storage", "bundle"]);
    const bundle = documentOf(await sc(["verify", only, ...byKey, "--json"]));
    expect(JSON.stringify(bundle["images"])).toContain("cosign 3");
    expect(JSON.stringify(bundle["images"])).not.toContain("podman");
    const both = documentOf(await sc(["verify", api, ...byKey, "--json"]));
    for (const name of ["cosign 3", "cosign 2", "skopeo, podman", "Kyverno", "policy-controller"]) {
      expect(JSON.stringify(both["images"])).toContain(`"name":"${name}"`);
    }
    const tags = await sc(["verify", only, ...byKey, "--storage", "tag"]);
    expect(tags.exitCode).toBe(1);
  });

  test("an index is signed and verified with every image it names, and fails for one that is not signed", async () => {
    const reference = pushImage(registry, "acme/index:1", buildIndex({ images: [images.web, images.job] }));
    await sc(["image", "sign", reference, ...key]);
    expect((await sc(["verify", reference, ...byKey])).exitCode).toBe(0);
    expect((await sc(["verify", reference, ...byKey, "--recursive"])).exitCode).toBe(1);
    const signed = await sc(["image", "sign", reference, ...key, "--recursive", "--json"]);
    expect(documentOf(signed)).toMatchObject({ images: [{ records: { length: 6 } }] });
    expect((await sc(["verify", reference, ...byKey, "--recursive"])).exitCode).toBe(0);
  });

  test("an unknown image is an error of its own, not an answer about a signature", async () => {
    const missing = await sc(["verify", `${registry.host}/acme/none:1`, ...byKey]);
    expect(missing.exitCode).toBe(4);
    const among = await sc(["verify", api, `${registry.host}/acme/none:1`, ...byKey]);
    expect(among.exitCode).toBe(4);
    expect((await sc(["verify", ...byKey])).exitCode).toBe(3);
  });
});

describe("who is accepted by identity (SIGN-5)", () => {
  let signed: string;
  const exact = ["--certificate-identity", subject, "--oidc-issuer", issuer];

  beforeAll(async () => {
    signed = pushImage(registry, "acme/identity:1", buildImage({ layers: [vulnerable], config: { User: "3" } }));
    const token = sigstore.issuer.issue({
      iss: issuer,
      sub: "repo:acme/api:ref:refs/heads/main",
      job_workflow_ref: subject,
      repository: "https://github.com/acme/api",
      ref: "refs/heads/main",
      event_name: "push",
      aud: "sigstore",
    });
    const services = ["--keyless", "--fulcio-url", sigstore.origin, "--rekor-url", sigstore.origin];
    const ran = await sc(["image", "sign", signed, ...services], { SIGSTORE_ID_TOKEN: token });
    expect(ran.exitCode).toBe(0);
  });

  const verify = async (...words: readonly string[]): Promise<number> =>
    (await sc(["verify", signed, ...root, ...words])).exitCode;

  test("a pattern must match the whole identity and the whole issuer", async () => {
    const by = ["--oidc-issuer", issuer];
    expect(await verify("--identity-regexp", String.raw`https://github\.com/acme/.*`, ...by)).toBe(0);
    expect(await verify("--identity-regexp", String.raw`github\.com/acme/api`, ...by)).toBe(1);
    expect(await verify("--identity-regexp", ".*", ...by)).toBe(3);
    expect(await verify("--identity-regexp", "(", ...by)).toBe(3);
    for (const part of [subject.slice(0, -1), subject.slice(1), `${subject.slice(0, -1)}$`, "acme", "^https:"]) {
      expect(await verify("--identity-regexp", part.replaceAll(".", String.raw`\.`), ...by), part).toBe(1);
    }
    expect(
      await verify("--identity-regexp", String.raw`^https:\/\/github\.com\/acme\/[a-z\-]+\/.+@refs/heads/main$`, ...by),
    ).toBe(0);
    expect(await verify("--identity-regexp", String.raw`nobody|https://github\.com/acme/api`, ...by)).toBe(1);
    for (const other of [String.raw`(?=https).+main`, String.raw`(h)\1.*`, String.raw`\p{L}+`]) {
      expect(await verify("--identity-regexp", other, ...by), other).toBe(3);
    }
    const name = ["--certificate-identity", subject];
    expect(await verify(...name, "--oidc-issuer-regexp", String.raw`https://token\.actions\..*`)).toBe(0);
    expect(await verify(...name, "--oidc-issuer-regexp", "token")).toBe(1);
    expect(await verify(...name)).toBe(3);
    expect(await verify(...name, "--identity-regexp", "x", ...by)).toBe(3);
  });

  test("claims of the certificate are conditions, each exact", async () => {
    expect(await verify(...exact, "--claim", "source-repository-ref=refs/heads/main")).toBe(0);
    expect(await verify(...exact, "--claim", "source-repository-ref=refs/heads/mai")).toBe(1);
    expect(await verify(...exact, "--claim", "build-trigger=push")).toBe(0);
    expect(await verify(...exact, "--claim", "runner-environment=self-hosted")).toBe(1);
    expect(await verify(...exact, "--certificate-github-workflow-ref", "refs/heads/main")).toBe(1);
    for (const name of ["trigger", "sha", "name", "repository", "ref"]) {
      const [option, claim] = [`--certificate-github-workflow-${name}`, `github-workflow-${name}=x`];
      expect([name, await verify(...exact, option, "x"), await verify(...exact, "--claim", claim)]).toEqual([
        name,
        1,
        1,
      ]);
      expect(await verify(...exact, option, "x", "--claim", claim), name).toBe(3);
    }
    expect(await verify(...exact, "--claim", "no-such-claim=x")).toBe(3);
    expect(await verify("--claim", "build-trigger=push")).toBe(3);
    for (const name of Object.keys(certificateClaims)) {
      const option = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      expect(await verify(...exact, "--claim", `${option}=nothing that is true`), option).toBe(1);
    }
  });

  test("an age, a log entry and another organization are conditions too", async () => {
    expect(await verify(...exact, "--max-age", "1h")).toBe(0);
    expect(await verify(...exact, "--max-age", "10s")).toBe(1);
    expect(await verify("--organization", "acme")).toBe(1);
    expect(await verify("--organization", "acme", ...exact)).toBe(3);
    const entry = ["verify", api, ...byKey, ...root, "--require-log-entry"];
    expect((await sc(entry)).exitCode).toBe(1);
    expect((await sc(["verify", api, ...byKey, ...root, "--max-age", "1h"])).exitCode).toBe(1);
  });
});
