import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildImage,
  buildLayer,
  pushImage,
  startRegistry,
  startSigstore,
  type TestRegistry,
  type TestSigstore,
} from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ran, runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-flags-"));
const at = (name: string): string => join(folder, name);
const image = buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "hello" }])] });
const subject = "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main";
const issuer = "https://token.actions.githubusercontent.com";
const key = ["--key", at("cosign.key")];
const byKey = ["--key", at("cosign.pub")];

let registry: TestRegistry;
let sigstore: TestSigstore;
beforeAll(async () => {
  registry = await startRegistry();
  sigstore = await startSigstore();
  writeFileSync(at("root.json"), sigstore.trustedRoot);
  writeFileSync(at("app.tar"), "content");
  await sc("key", "generate", "--output-key-prefix", at("cosign"));
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function sc(...words: readonly string[]): Promise<Ran> {
  return await runCli(words, {
    variables: { HOME: folder, LANG: "C.UTF-8", COSIGN_PASSWORD: "correct horse" },
    now: new Date(sigstore.clock.getTime() + 60_000),
  });
}

async function exitOf(...words: readonly string[]): Promise<number> {
  return (await sc(...words)).exitCode;
}

/** The names of repositories that were written to since. */
function writtenTo(from: number): ReadonlySet<string> {
  const written = registry.requests.slice(from).filter(({ method }) => method !== "GET" && method !== "HEAD");
  return new Set(written.map(({ target }) => /^\/v2\/(.+?)\/(?:blobs|manifests)/.exec(target)?.[1] ?? target));
}

describe("--artifact-repository keeps everything that is attached elsewhere (SIGN-3)", () => {
  const provenance = {
    buildDefinition: { buildType: "https://b", externalParameters: { source: "https://s.example/r" } },
    runDetails: { builder: { id: "https://b" } },
  };
  const summary = {
    verifier: { id: "https://v" },
    timeVerified: "2026-01-01T00:00:00Z",
    resourceUri: "r",
    policy: { uri: "p" },
    verificationResult: "PASSED",
    verifiedLevels: [],
  };
  let reference: string;
  let elsewhere: readonly string[];

  beforeAll(async () => {
    reference = pushImage(registry, "acme/api:1", image);
    elsewhere = ["--artifact-repository", `${registry.host}/acme/kept`];
    writeFileSync(at("provenance.json"), JSON.stringify(provenance));
    writeFileSync(at("summary.json"), JSON.stringify(summary));
    await sc("sbom", "generate", "-i", reference, "-o", at("sbom.json"));
    const from = registry.requests.length;
    for (const words of [
      ["image", "sign", reference],
      ["sbom", "attach", "-i", reference, "--sbom", at("sbom.json")],
      ["attest", "-i", reference, "--type", "slsaprovenance1", "--predicate", at("provenance.json")],
      ["attest", "-i", reference, "--type", "vsa", "--predicate", at("summary.json")],
    ]) {
      expect([words, await exitOf(...words, ...key, ...elsewhere)]).toEqual([words, 0]);
    }
    expect(writtenTo(from)).toEqual(new Set(["acme/kept"]));
  });

  const read: readonly (readonly string[])[] = [
    ["image", "verify"],
    ["sbom", "verify", "--output", at("out")],
    ["verify-attestation", "--type", "vsa"],
    ["vsa", "verify", "--verifier-id", "https://v", "--resource-uri", "r"],
    ["provenance", "verify", "--source-uri", "s.example/r", "--builder-id", "https://b"],
  ];
  test.each(read.map((words) => [words.join(" "), words] as const))(
    "sc %s finds it there, and not beside the image",
    async (_shown, words) => {
      expect(await exitOf(...words, "-i", reference, ...byKey, ...elsewhere)).toBe(0);
      expect(await exitOf(...words, "-i", reference, ...byKey)).toBe(1);
    },
  );

  test("it is written by provenance attach too, downloaded from there, and removed there", async () => {
    const from = registry.requests.length;
    const made = ["provenance", "attach", "-i", reference, "--source-root", folder, ...key, ...elsewhere];
    expect(await exitOf(...made)).toBe(0);
    expect(writtenTo(from)).toEqual(new Set(["acme/kept"]));
    const downloaded = await sc("image", "download", "attestation", "-i", reference, ...elsewhere);
    expect(downloaded.stdout).toContain("dsseEnvelope");
    expect((await sc("image", "download", "attestation", "-i", reference)).stdout).toBe("");
    expect(await exitOf("image", "clean", "-i", reference, "--yes", ...elsewhere)).toBe(0);
    expect(await exitOf("image", "verify", reference, ...byKey, ...elsewhere)).toBe(1);
  });
});

test("--registry-token is the registry's own, for signing and verifying (OCI-4, SIGN-3)", async () => {
  await using guarded = await startRegistry();
  const reference = pushImage(guarded, "acme/api:1", image);
  guarded.settings.auth = { scheme: "bearer", users: { ci: "x" }, anonymous: "nothing" };
  const challenge = (await fetch(`http://${guarded.host}/v2/`)).headers.get("www-authenticate") ?? "";
  const realm = /realm="([^"]+)"/.exec(challenge)?.[1] ?? "";
  const query = new URLSearchParams({ service: "test-registry", scope: "repository:acme/api:pull,push" });
  const headers = { authorization: `Basic ${Buffer.from("ci:x").toString("base64")}` };
  const answer: { token: string } = JSON.parse(await (await fetch(`${realm}?${query.toString()}`, { headers })).text());
  const token = ["--registry-token", answer.token];
  expect(await exitOf("image", "sign", reference, ...key)).toBe(4);
  expect(await exitOf("image", "sign", reference, ...key, ...token)).toBe(0);
  const verified = await sc("image", "verify", reference, ...byKey, ...token, "--json");
  expect(verified.exitCode).toBe(0);
  expect(verified.stdout + verified.stderr).not.toContain(answer.token);
  expect(await exitOf("image", "verify", reference, ...byKey)).toBe(4);
});

describe("cosign's own names of commands and options (SIGN-4, SIGN-5)", () => {
  const wrong = `${subject}/other`;

  test("sign a file and verify it, by key and by identity", async () => {
    const file = at("app.tar");
    expect(await exitOf("sign-blob", file, ...key)).toBe(0);
    expect(await exitOf("verify-blob", file, ...byKey)).toBe(0);
    const claims = { iss: issuer, sub: "repo:acme/api", job_workflow_ref: subject, aud: "sigstore" };
    const services = ["--fulcio-url", sigstore.origin, "--rekor-url", sigstore.origin];
    const token = ["--identity-token", sigstore.issuer.issue(claims)];
    expect(await exitOf("sign-blob", file, "--keyless", ...token, ...services)).toBe(0);
    const root = ["--trusted-root", at("root.json")];
    const asked = ["verify-blob", file, ...root];
    for (const [identity, by] of [
      ["--certificate-identity", "--certificate-oidc-issuer"],
      ["--cert-identity", "--cert-issuer"],
      ["--certificate-identity-regexp", "--certificate-oidc-issuer-regexp"],
    ] as const) {
      expect([identity, await exitOf(...asked, identity, subject, by, issuer)]).toEqual([identity, 0]);
      expect([identity, await exitOf(...asked, identity, wrong, by, issuer)]).toEqual([identity, 1]);
      expect([identity, await exitOf(...asked, identity, subject, by, `${issuer}/x`)]).toEqual([identity, 1]);
    }
  });
});
