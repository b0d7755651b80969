import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createKeySigner, signImage } from "@sc/sign";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Gates, type IdentityRun, issuer, source, subject } from "./gates.ts";
import { documentOf } from "./run-cli.ts";
import { Authorities } from "./sign-authorities.ts";
import { openRepository } from "./sign-support.ts";

let gates: Gates;
const key = (): readonly string[] => ["--key", gates.at("cosign.key")];
const byKey = (): readonly string[] => ["--public-key", gates.at("cosign.pub")];
const exact = ["--certificate-identity", subject, "--oidc-issuer", issuer];
const root = (): readonly string[] => ["--trusted-root", gates.at("root.json")];
const commit = "0123456789abcdef0123456789abcdef01234567";

beforeAll(async () => {
  gates = await Gates.open();
  const advisories = join(import.meta.dirname, "../vectors/advisories");
  expect(await gates.exitOf("db", "build", "--from", advisories, "--db", gates.at("db"))).toBe(0);
});
afterAll(async () => {
  await gates[Symbol.asyncDispose]();
});

describe("sc image verify holds an image to (SIGN-5)", () => {
  test("what the signer added, each value exactly", async () => {
    const { reference } = gates.newImage();
    expect(await gates.exitOf("image", "sign", reference, ...key(), "-a", "env=prod", "-a", "team=a=b")).toBe(0);
    const asked = ["verify", reference, ...byKey()];
    expect(await gates.exitOf(...asked, "-a", "env=prod", "-a", "team=a=b")).toBe(0);
    for (const other of ["env=pro", "env=production", "team=a", "other=prod", "constructor=x"]) {
      expect(await gates.exitOf(...asked, "-a", "env=prod", "-a", other), other).not.toBe(0);
    }
  });

  test("the repository it was signed under", async () => {
    const { reference, name } = gates.newImage();
    expect(await gates.exitOf("image", "sign", reference, ...key())).toBe(0);
    expect(
      await gates.exitOf("verify", reference, ...byKey(), "--signed-repository", `${gates.registry.host}/${name}`),
    ).toBe(0);
    expect(
      await gates.exitOf("verify", reference, ...byKey(), "--signed-repository", `${gates.registry.host}/acme/other`),
    ).toBe(1);
  });

  test("the digest its tag was resolved to, once, for signature, attestations and packages (CVE-2026-122321)", async () => {
    const { reference, name } = gates.newImage();
    expect(await gates.exitOf("image", "sign", reference, ...key())).toBe(0);
    const before = gates.registry.requests.length;
    expect(await gates.exitOf("verify", reference, ...byKey(), "--severity", "low", "--db", gates.at("db"))).not.toBe(
      4,
    );
    const byTag = gates.registry.requests.slice(before).filter(({ target }) => target.endsWith(`/${name}/manifests/1`));
    expect(byTag.map(({ method }) => method)).toEqual(["HEAD"]);
  });

  test("the very attestation that is required: provenance is no SBOM", async () => {
    const { reference } = gates.newImage();
    await gates.sc(["image", "sign", reference, ...key()]);
    await gates.sc(["provenance", "attach", "-i", reference, "--source-root", gates.folder, ...key()]);
    expect(await gates.exitOf("verify", reference, ...byKey(), "--require", "provenance")).toBe(0);
    const ran = await gates.sc(["verify", reference, ...byKey(), "--require", "sbom"]);
    expect([ran.exitCode, ran.stdout]).toEqual([1, expect.stringContaining("--require sbom: none is attached")]);
  });

  test("attestations that could be read: what the registry withholds is neither absent nor refused", async () => {
    const { reference } = gates.newImage();
    await gates.sc(["image", "sign", reference, ...key()]);
    gates.registry.inject({ path: /\/manifests\/sha256-[0-9a-f]+\.att$/, effect: { type: "status", status: 418 } });
    try {
      expect(await gates.exitOf("verify", reference, ...byKey())).toBe(4);
    } finally {
      gates.registry.clearFaults();
    }
    expect(await gates.exitOf("verify", reference, ...byKey())).toBe(0);
  });

  test("attestations of the same age as signatures", async () => {
    const { reference } = gates.newImage();
    await gates.byIdentity(["provenance", "attach", "-i", reference, "--source-root", gates.folder]);
    await gates.byIdentity(["image", "sign", reference], { of: gates.later });
    const asked = ["verify", reference, ...root(), ...exact, "--require", "provenance"];
    expect(await gates.exitOf(...asked)).toBe(0);
    expect(await gates.exitOf(...asked, "--max-age", "1h")).toBe(1);
    expect(await gates.exitOf("verify", reference, ...root(), ...exact, "--max-age", "1h")).toBe(0);
    expect(await gates.exitOf(...asked, "--max-age", "3h")).toBe(0);
  });

  test("log entries of signatures and attestations by key alike", async () => {
    const { reference, name, built } = gates.newImage();
    await using authorities = await Authorities.start();
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(gates.at("logged.pub"), pair.publicKey.export({ type: "spki", format: "pem" }));
    writeFileSync(gates.at("logged.key"), pair.privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(gates.at("logged.json"), authorities.sigstore.trustedRoot);
    await using store = openRepository(gates.registry, name);
    await signImage(store, built.descriptor, createKeySigner(pair.privateKey, { witnesses: [authorities.rekor(1)] }));
    await gates.sc(["key", "import", "--key", gates.at("logged.key"), "--output-key-prefix", gates.at("logged-own")]);
    const attached = [
      "provenance",
      "attach",
      "-i",
      reference,
      "--source-root",
      gates.folder,
      "--key",
      gates.at("logged-own.key"),
    ];
    expect(await gates.exitOf(...attached)).toBe(0);
    const asked = [
      "verify",
      reference,
      "--public-key",
      gates.at("logged.pub"),
      "--trusted-root",
      gates.at("logged.json"),
    ];
    const now = new Date(authorities.sigstore.clock.getTime() + 60_000);
    expect((await gates.sc([...asked, "--require", "provenance"], { now })).exitCode).toBe(0);
    expect((await gates.sc([...asked, "--require-log-entry"], { now })).exitCode).toBe(0);
    expect((await gates.sc([...asked, "--require-log-entry", "--require", "provenance"], { now })).exitCode).toBe(1);
    // Without a trust root of one's own the public good's is asked, which has no such log.
    expect((await gates.sc([...asked.slice(0, -2), "--require-log-entry"], { now })).exitCode).toBe(1);
    expect((await gates.sc([...asked, "--max-age", "1h"], { now })).exitCode).toBe(0);
    expect((await gates.sc([...asked, "--max-age", "30s"], { now })).exitCode).toBe(1);
    expect((await gates.sc([...asked, "--min-log-operators", "1"], { now })).exitCode).toBe(0);
    expect((await gates.sc([...asked, "--min-log-operators", "2"], { now })).exitCode).toBe(1);
  });

  test("and stops at the first that does not pass, for whatever reason, where it is to", async () => {
    const [lacking, unsigned] = [gates.newImage().reference, gates.newImage().reference];
    await gates.sc(["image", "sign", lacking, ...key()]);
    const stopped = await gates.sc(["verify", lacking, unsigned, ...byKey(), "--require", "sbom", "--fail-fast"]);
    expect([stopped.exitCode, stopped.stdout]).toEqual([1, expect.stringContaining("1 not looked at")]);
    const all = await gates.sc(["verify", lacking, unsigned, ...byKey(), "--require", "sbom", "--json"]);
    expect(documentOf(all)).toMatchObject({ outcome: "violation", verified: 0, images: { length: 2 } });
    const whole = await gates.sc(["verify", `${gates.registry.host}/acme/none:1`, unsigned, ...byKey()]);
    expect(whole.exitCode).toBe(1);
  });
});

describe("sc sbom verify and sc verify-attestation (SIGN-4)", () => {
  test("take a document of the type that is asked for, and nothing else for one", async () => {
    const { reference } = gates.newImage();
    await gates.sc(["provenance", "attach", "-i", reference, "--source-root", gates.folder, ...key()]);
    const sbom = ["sbom", "verify", "-i", reference, ...byKey(), "--output", gates.at("document.json")];
    expect(await gates.exitOf(...sbom)).toBe(1);
    expect(existsSync(gates.at("document.json"))).toBe(false);
    await gates.sc(["sbom", "generate", "-i", reference, "-o", gates.at("sbom.json")]);
    await gates.sc(["sbom", "attach", "-i", reference, "--sbom", gates.at("sbom.json"), ...key()]);
    expect(await gates.exitOf(...sbom, "--type", "spdxjson")).toBe(1);
    expect(existsSync(gates.at("document.json"))).toBe(false);
    expect(await gates.exitOf(...sbom, "--type", "cyclonedx")).toBe(0);
    expect(JSON.parse(readFileSync(gates.at("document.json"), "utf8"))).toMatchObject({ bomFormat: "CycloneDX" });
    await gates.sc(["key", "generate", "--output-key-prefix", gates.at("stranger")]);
    const stranger = ["--key", gates.at("stranger.pub")];
    expect(await gates.exitOf("sbom", "verify", "-i", reference, ...stranger)).toBe(1);
    const attested = ["verify-attestation", "-i", reference, "--type"];
    expect(await gates.exitOf(...attested, "cyclonedx", ...byKey())).toBe(0);
    expect(await gates.exitOf(...attested, "cyclonedx", ...stranger)).toBe(1);
    expect(await gates.exitOf(...attested, "spdxjson", ...byKey())).toBe(1);
  });
});

test("names who else verifies by a key on another curve, with what tells them its hash, and none that cannot (SIGN-3)", async () => {
  for (const [curve, hash] of [
    ["ecdsa-p256", undefined],
    ["ecdsa-p384", "sha384"],
    ["ecdsa-p521", "sha512"],
  ] as const) {
    const { reference } = gates.newImage();
    await gates.sc(["key", "generate", "--algorithm", curve, "--output-key-prefix", gates.at(curve)]);
    expect(await gates.exitOf("image", "sign", reference, "--key", gates.at(`${curve}.key`))).toBe(0);
    const ran = await gates.sc(["verify", reference, "--public-key", gates.at(`${curve}.pub`), "--json"]);
    const told = JSON.stringify(documentOf(ran)["images"]);
    expect(told.includes("skopeo, podman"), curve).toBe(hash === undefined);
    expect(told.includes(`--signature-digest-algorithm ${hash ?? ""}`), curve).toBe(hash !== undefined);
    expect(told.includes(`hashAlgorithm: ${hash ?? ""}`), curve).toBe(hash !== undefined);
    expect(told).toContain("cosign 3");
  }
});

test("sc verify-attestation and sc sbom verify take exactly the identity that is named (SIGN-4)", async () => {
  const { reference } = gates.newImage();
  await gates.sc(["sbom", "generate", "-i", reference, "-o", gates.at("signed.json")]);
  await gates.byIdentity(["sbom", "attach", "-i", reference, "--sbom", gates.at("signed.json")]);
  const asked = [
    ["sbom", "verify", "-i", reference],
    ["verify-attestation", "-i", reference, "--type", "cyclonedx"],
  ];
  for (const words of asked) {
    expect(await gates.exitOf(...words, ...root(), ...exact)).toBe(0);
    const [name, of] = ["--certificate-identity", "--oidc-issuer"];
    expect(await gates.exitOf(...words, ...root(), name, `${subject}x`, of, issuer)).toBe(1);
    expect(await gates.exitOf(...words, ...root(), name, subject, of, `${issuer}/`)).toBe(1);
    expect(await gates.exitOf(...words, ...root(), "--organization", "acme-evil")).toBe(1);
    expect(await gates.exitOf(...words, ...root(), "--organization", "acme")).toBe(0);
  }
});

describe("sc provenance verify (SIGN-6)", () => {
  const job = {
    GITHUB_ACTIONS: "true",
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_REPOSITORY: "acme/api",
    GITHUB_REF: "refs/heads/main",
    GITHUB_SHA: commit,
    GITHUB_WORKFLOW_REF: "acme/api/.github/workflows/release.yml@refs/heads/main",
    GITHUB_RUN_ID: "1",
    RUNNER_ENVIRONMENT: "github-hosted",
  };

  async function attach(reference: string, options: IdentityRun = {}): Promise<void> {
    const words = ["provenance", "attach", "-i", reference, "--source-root", gates.folder];
    await gates.byIdentity(words, { ...options, variables: { ...job, ...options.variables } });
  }

  test("compares digest, builder, source and commit, each exactly", async () => {
    const { reference, built } = gates.newImage();
    await attach(reference, { claims: { sha: commit } });
    const asked = ["provenance", "verify", "-i", reference, ...root(), ...exact];
    const { digest } = built.descriptor;
    const right = ["--expected-digest", digest, "--expected-builder-id", subject, "--expected-commit", commit];
    expect(await gates.exitOf(...asked, "--expected-source-uri", source, ...right)).toBe(0);
    expect(await gates.exitOf(...asked, ...right)).toBe(3);
    for (const [name, value] of [
      ["digest", gates.newImage().built.descriptor.digest],
      ["digest", digest.slice(0, -1)],
      ["builder-id", `${source}/.github/workflows/release.yml@refs/heads/dev`],
      ["builder-id", "https://github.com/actions/runner/github-hosted"],
      ["commit", commit.replace("0", "1")],
      ["commit", commit.slice(0, 7)],
    ] as const) {
      expect(await gates.exitOf(...asked, "--expected-source-uri", source, `--expected-${name}`, value), value).toBe(1);
    }
    for (const other of ["https://github.com/acme", "https://github.com/acme/ap", "https://github.com/acme/api2"]) {
      expect(await gates.exitOf(...asked, "--expected-source-uri", other), other).toBe(1);
    }
  });

  test("takes no provenance that an accepted signer contradicts by another", async () => {
    const { reference } = gates.newImage();
    await attach(reference);
    const asked = ["provenance", "verify", "-i", reference, ...root(), ...exact, "--expected-source-uri", source];
    expect(await gates.exitOf(...asked)).toBe(0);
    const other = { GITHUB_SHA: "f".repeat(40) };
    await attach(reference, { variables: other });
    expect(await gates.exitOf(...asked, "--expected-commit", commit)).toBe(1);
    expect(await gates.exitOf(...asked, "--expected-commit", "f".repeat(40))).toBe(1);
  });

  test("gives what ran on a machine of somebody's own level 1, and not the platform's name", async () => {
    const { reference } = gates.newImage();
    await attach(reference, {
      claims: { runner_environment: "self-hosted" },
      variables: { RUNNER_ENVIRONMENT: "self-hosted" },
    });
    const asked = ["provenance", "verify", "-i", reference, ...root(), ...exact, "--expected-source-uri", source];
    expect(documentOf(await gates.sc([...asked, "--json"]))).toMatchObject({ outcome: "pass", level: 1 });
    const runner = "https://github.com/actions/runner/github-hosted";
    expect(await gates.exitOf(...asked, "--expected-builder-id", runner)).toBe(1);
    const hosted = gates.newImage().reference;
    await attach(hosted);
    const [, , , ...rest] = asked;
    expect(
      documentOf(await gates.sc(["provenance", "verify", "-i", hosted, ...rest.slice(1), "--json"])),
    ).toMatchObject({
      level: 2,
    });
  });
});

describe("sc blob verify (SIGN-4)", () => {
  test("takes a signature alone or a bundle, and writes only what a statement says", async () => {
    writeFileSync(gates.at("app.tar"), "app");
    expect(await gates.exitOf("blob", "sign", gates.at("app.tar"), ...key())).toBe(0);
    const asked = ["blob", "verify", gates.at("app.tar"), ...byKey()];
    expect(await gates.exitOf(...asked)).toBe(0);
    writeFileSync(gates.at("app.sig"), "AAAA");
    expect(await gates.exitOf(...asked, "--signature", gates.at("app.sig"))).toBe(1);
    expect(await gates.exitOf(...asked, "--signature", gates.at("app.sig"), "--type", "openvex")).toBe(3);
    expect(
      await gates.exitOf(...asked, "--signature", gates.at("app.sig"), "--bundle", gates.at("app.tar.sigstore.json")),
    ).toBe(3);
    expect(await gates.exitOf(...asked, "--output", gates.at("none.json"))).toBe(3);
    expect(existsSync(gates.at("none.json"))).toBe(false);
  });
});
