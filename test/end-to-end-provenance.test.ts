import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildBlob,
  buildImage,
  buildIndex,
  buildLayer,
  type BuiltManifest,
  pushImage,
  startRegistry,
  startSigstore,
  type TestRegistry,
  type TestSigstore,
} from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-provenance-"));
const at = (name: string): string => join(folder, name);
const source = "https://github.com/acme/api";
const issuer = "https://token.actions.githubusercontent.com";
const subject = `${source}/.github/workflows/release.yml@refs/heads/main`;
const image = buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "hello" }])] });

let registry: TestRegistry;
let sigstore: TestSigstore;

async function sc(words: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return await runCli(words, {
    variables: { HOME: folder, LANG: "C.UTF-8", COSIGN_PASSWORD: "correct horse", ...variables },
    now: new Date(sigstore.clock.getTime() + 60_000),
  });
}

beforeAll(async () => {
  registry = await startRegistry();
  sigstore = await startSigstore();
  await sc(["key", "generate", "--output-key-prefix", at("cosign")]);
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** What docker buildx pushes: the image, and a manifest of unsigned statements about it, in one index. */
function buildkitIndex(predicateType: string): BuiltManifest {
  const statement = {
    _type: "https://in-toto.io/Statement/v0.1",
    subject: [{ name: "pkg:docker/acme/api@1", digest: { sha256: image.descriptor.digest.slice("sha256:".length) } }],
    predicateType,
    predicate: { builder: { id: "https://builder.example" }, buildType: "https://mobyproject.org/buildkit@v1" },
  };
  const layer = buildBlob(JSON.stringify(statement), "application/vnd.in-toto+json");
  const attestation = buildImage({
    layers: [],
    manifest: {
      layers: [{ ...layer.descriptor, annotations: { "in-toto.io/predicate-type": predicateType } }],
    },
  });
  const entry: BuiltManifest = {
    ...attestation,
    blobs: [...attestation.blobs, layer],
    descriptor: {
      ...attestation.descriptor,
      platform: { os: "unknown", architecture: "unknown" },
      annotations: {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": image.descriptor.digest,
      },
    },
  };
  return buildIndex({ images: [image, entry] });
}

describe("provenance that BuildKit left in the index (SIGN-6)", () => {
  const byKey = ["--key", at("cosign.pub")];
  const expected = ["--expected-source-uri", source];

  test("is never believed, and said to be there and unsigned", async () => {
    const reference = pushImage(registry, "acme/buildkit:1", buildkitIndex("https://slsa.dev/provenance/v0.2"));
    const ran = await sc(["provenance", "verify", "-i", reference, ...byKey, ...expected, "--json"]);
    expect(ran.exitCode).toBe(1);
    expect(documentOf(ran)).toMatchObject({ outcome: "violation", error: { code: "NO_SIGNATURES" } });
    expect(ran.stderr).toContain("nobody signed it");
    const none = pushImage(registry, "acme/bare:1", buildkitIndex("https://spdx.dev/Document"));
    const bare = await sc(["provenance", "verify", "-i", none, ...byKey, ...expected]);
    expect(bare.exitCode).toBe(1);
    expect(bare.stderr).not.toContain("nobody signed it");
  });

  test("is shown and downloaded as what nobody signed, and stays when the rest is cleaned", async () => {
    const reference = pushImage(registry, "acme/shown:1", buildkitIndex("https://slsa.dev/provenance/v0.2"));
    const tree = await sc(["image", "tree", "-i", reference]);
    expect(tree.stdout).toContain("https://slsa.dev/provenance/v0.2  not signed");
    const read = await sc(["image", "download", "attestation", "-i", reference, "--predicate-type", "slsaprovenance"]);
    expect(JSON.parse(read.stdout)).toMatchObject({ predicate: { builder: { id: "https://builder.example" } } });
    await sc(["image", "sign", reference, "--key", at("cosign.key")]);
    expect((await sc(["image", "clean", "-i", reference, "--yes"])).exitCode).toBe(0);
    expect((await sc(["image", "download", "attestation", "-i", reference])).exitCode).toBe(0);
    expect((await sc(["image", "verify", reference, ...byKey])).exitCode).toBe(1);
  });
});

describe("what goes into a provenance (SIGN-6)", () => {
  test("is chosen by options: builder, Dockerfile of the context, git, machine, materials", async () => {
    const reference = pushImage(registry, "acme/made:1", image);
    mkdirSync(at("context"));
    writeFileSync(at("context/Dockerfile"), `FROM ${reference}\nRUN true\n`);
    const make = async (...words: readonly string[]): Promise<string> => {
      const asked = ["provenance", "generate", "-i", reference, "--source-root", folder, "--context", at("context")];
      const ran = await sc([...asked, ...words], { RUNNER_OS: "Linux", SECRET: "must-not-appear" });
      expect(ran.exitCode).toBe(0);
      expect(ran.stdout).not.toContain("must-not-appear");
      return ran.stdout;
    };
    const whole = await make("--builder-id", "https://acme.example/builder", "--include-env");
    expect(JSON.parse(whole)).toMatchObject({
      predicate: { runDetails: { builder: { id: "https://acme.example/builder" } } },
    });
    expect(whole).toContain("acme/made");
    expect(whole).toContain(image.descriptor.digest.slice("sha256:".length));
    expect(whole).toContain("Linux");
    expect(await make()).not.toContain("Linux");
    expect(await make("--include-dockerfile=false", "--include-git=false")).not.toContain("pkg:docker");
    expect(await make("--include-materials=false")).not.toContain("pkg:docker");
  });
});

describe("a summary of the verification (SIGN-6)", () => {
  test("is written of a provenance that holds, names who verified and what, and can be attested", async () => {
    const reference = pushImage(registry, "acme/api:1", image);
    writeFileSync(at("root.json"), sigstore.trustedRoot);
    const [repository, ref, sha] = ["acme/api", "refs/heads/main", "0123456789abcdef0123456789abcdef01234567"];
    const token = sigstore.issuer.issue({
      iss: issuer,
      sub: `repo:${repository}:ref:${ref}`,
      job_workflow_ref: subject,
      aud: "sigstore",
    });
    const job = {
      SIGSTORE_ID_TOKEN: token,
      GITHUB_ACTIONS: "true",
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_REPOSITORY: repository,
      GITHUB_REF: ref,
      GITHUB_SHA: sha,
      GITHUB_WORKFLOW_REF: `${repository}/.github/workflows/release.yml@${ref}`,
      GITHUB_RUN_ID: "1",
      RUNNER_ENVIRONMENT: "github-hosted",
    };
    const services = ["--keyless", "--fulcio-url", sigstore.origin, "--rekor-url", sigstore.origin];
    const attached = await sc(["provenance", "attach", "-i", reference, "--source-root", folder, ...services], job);
    expect(attached.exitCode).toBe(0);
    const accepted = ["--certificate-identity", subject, "--oidc-issuer", issuer, "--trusted-root", at("root.json")];
    const asked = ["provenance", "verify", "-i", reference, "--keyless", ...accepted, "--vsa", at("vsa.json")];
    const verifier = ["--verifier-id", "https://acme.example/verifier"];
    const refused = await sc([...asked, ...verifier, "--expected-source-uri", "https://github.com/mallory/api"]);
    expect(refused.exitCode).toBe(1);
    expect(() => readFileSync(at("vsa.json"))).toThrow("ENOENT");
    expect((await sc([...asked, "--expected-source-uri", source])).exitCode).toBe(3);
    const verified = await sc([...asked, ...verifier, "--expected-source-uri", source, "--json"]);
    expect(documentOf(verified)).toMatchObject({ outcome: "pass", source, vsa: at("vsa.json") });
    expect(JSON.parse(readFileSync(at("vsa.json"), "utf8"))).toMatchObject({
      verifier: { id: "https://acme.example/verifier" },
      resourceUri: expect.stringContaining(image.descriptor.digest),
      verificationResult: "PASSED",
      verifiedLevels: [expect.stringMatching(/^SLSA_BUILD_LEVEL_[0-3]$/)],
    });
    const type = ["--type", "https://slsa.dev/verification_summary/v1"];
    const summed = await sc([
      "attest",
      "-i",
      reference,
      ...type,
      "--predicate",
      at("vsa.json"),
      "--key",
      at("cosign.key"),
    ]);
    expect(summed.exitCode).toBe(0);
    expect((await sc(["verify-attestation", "-i", reference, ...type, "--key", at("cosign.pub")])).exitCode).toBe(0);
  });
});

describe("where signing services and keys are (SIGN-2)", () => {
  test("a signing configuration names the services, and an option goes before it", async () => {
    const reference = pushImage(registry, "acme/config:1", image);
    const service = (majorApiVersion: number): object => ({
      url: sigstore.origin,
      majorApiVersion,
      validFor: { start: "2020-01-01T00:00:00Z" },
      operator: "acme",
    });
    const config = {
      mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
      caUrls: [service(1)],
      oidcUrls: [service(1)],
      rekorTlogUrls: [service(1)],
      rekorTlogConfig: { selector: "ANY" },
      tsaUrls: [],
      tsaConfig: { selector: "ANY" },
    };
    writeFileSync(at("config.json"), JSON.stringify(config));
    const token = sigstore.issuer.issue({
      iss: issuer,
      sub: "repo:acme/api",
      job_workflow_ref: subject,
      aud: "sigstore",
    });
    const words = ["image", "sign", reference, "--keyless", "--signing-config", at("config.json")];
    const signed = await sc(words, { SIGSTORE_ID_TOKEN: token });
    expect(signed.stderr).not.toContain("SC-");
    expect(signed.exitCode).toBe(0);
    const elsewhere = await sc([...words, "--fulcio-url", `${sigstore.origin}/nowhere`], { SIGSTORE_ID_TOKEN: token });
    expect(elsewhere.exitCode).toBe(4);
  });
});
