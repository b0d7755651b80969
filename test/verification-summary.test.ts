import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attestBlob, createKeySigner, verifyBundle, verifySummary } from "@sc/sign";
import { buildImage, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, type Ran, runCli } from "./run-cli.ts";
import { newKey, outcomeOf } from "./sign-support.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-summary-"));
const at = (name: string): string => join(folder, name);
const source = "https://github.com/acme/api";
const verifierId = "https://acme.example/verifier";
const image = buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "hello" }])] });

let registry: TestRegistry;
let reference: string;

async function sc(...words: readonly string[]): Promise<Ran> {
  return await runCli(words, {
    variables: { HOME: folder, LANG: "C.UTF-8", COSIGN_PASSWORD: "correct horse" },
    now: new Date("2026-11-21T12:00:00Z"),
  });
}

/** The code of the error that a run ended with; `accepted` without one. */
function codeOf(ran: Ran): string {
  const { error }: { error?: { code: string } } = JSON.parse(ran.stdout);
  return error?.code ?? (ran.exitCode === 0 ? "accepted" : "none");
}

const byKey = ["--key", at("cosign.pub")];

beforeAll(async () => {
  registry = await startRegistry();
  await sc("key", "generate", "--output-key-prefix", at("cosign"));
  await sc("key", "generate", "--output-key-prefix", at("other"));
  reference = pushImage(registry, "acme/api:1", image);
  writeFileSync(
    at("provenance.json"),
    JSON.stringify({
      buildDefinition: { buildType: "https://acme.example/build", externalParameters: { source } },
      runDetails: { builder: { id: "https://acme.example/builder" } },
    }),
  );
  const signed = ["--key", at("cosign.key")];
  await sc("attest", "-i", reference, "--type", "slsaprovenance1", "--predicate", at("provenance.json"), ...signed);
  const expected = ["--expected-source-uri", source, "--expected-builder-id", "https://acme.example/builder"];
  const summed = ["--vsa", at("vsa.json"), "--verifier-id", verifierId];
  const ran = await sc("provenance", "verify", "-i", reference, ...byKey, ...expected, ...summed);
  expect(ran.exitCode).toBe(0);
  expect(
    (await sc("attest", "-i", reference, "--type", "vsa", "--predicate", at("vsa.json"), ...signed)).exitCode,
  ).toBe(0);
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function verify(...words: readonly string[]): Promise<Ran> {
  return await sc("vsa", "verify", "-i", reference, "--json", ...byKey, ...words);
}

describe("a summary that sc wrote and attested (SIGN-6)", () => {
  test("is verified by who trusts the verifier, with nothing else of the image read", async () => {
    const ran = await verify("--verifier-id", verifierId, "--output", at("said.json"));
    expect(documentOf(ran)).toMatchObject({
      outcome: "pass",
      verifierId,
      resourceUri: expect.stringMatching(/acme\/api@sha256:/),
      levels: ["SLSA_BUILD_LEVEL_1"],
      signature: { signer: { kind: "key" } },
    });
    expect(JSON.parse(readFileSync(at("said.json"), "utf8"))).toMatchObject({ verificationResult: "PASSED" });
    const shown = await sc("verify-vsa", "-i", reference, ...byKey, "--verifier-id", verifierId);
    expect(shown.stdout).toMatch(/passed SLSA_BUILD_LEVEL_1\n.*acme\.example\/verifier.*\n.*urn:sc:provenance-verify/);
  });

  const refused: readonly (readonly [string, readonly string[], string])[] = [
    ["another verifier", ["--verifier-id", `${verifierId}/`], "SUMMARY_MISMATCH"],
    ["another resource", ["--verifier-id", verifierId, "--resource-uri", "acme/api"], "SUMMARY_MISMATCH"],
    ["another policy", ["--verifier-id", verifierId, "--policy-uri", "https://p"], "SUMMARY_MISMATCH"],
    ["a higher level", ["--verifier-id", verifierId, "--verified-level", "SLSA_BUILD_LEVEL_2"], "SUMMARY_MISMATCH"],
    ["a digest for an image", ["--verifier-id", verifierId, "--subject-digest", "sha256:0"], "CLI_USAGE"],
  ];
  test.each(refused)("is refused where %s is asked for", async (_what, words, code) => {
    expect(codeOf(await verify(...words))).toBe(code);
  });

  test("is nobody's without an accepted signer, and none of another image's", async () => {
    const other = await sc("vsa", "verify", "-i", reference, "--json", "--key", at("other.pub"), "--verifier-id", "x");
    expect([other.exitCode, codeOf(other)]).toEqual([1, "VERIFICATION_FAILED"]);
    const bare = pushImage(registry, "acme/bare:1", image);
    const none = await sc("vsa", "verify", "-i", bare, "--json", ...byKey, "--verifier-id", verifierId);
    expect([none.exitCode, codeOf(none)]).toEqual([1, "NO_SIGNATURES"]);
  });
});

const digest = `sha256:${"a".repeat(64)}` as const;

function summary(members: object = {}): object {
  return {
    verifier: { id: verifierId },
    timeVerified: "2026-11-21T12:00:00Z",
    resourceUri: "pkg:oci/api",
    policy: { uri: "https://acme.example/policy" },
    verificationResult: "PASSED",
    verifiedLevels: ["SLSA_BUILD_LEVEL_2", "SLSA_SOURCE_LEVEL_3", "FEDRAMP_LOW"],
    ...members,
  };
}

describe("what a summary says (SIGN-6)", () => {
  const key = newKey();
  const signer = createKeySigner(key.privateKey);
  const expected = { verifierId, resourceUri: "pkg:oci/api" };

  async function verdict(predicate: object, more: object = {}, type = "https://slsa.dev/verification_summary/v1") {
    const blob = Buffer.from("content");
    const bundle = await attestBlob(blob, signer, { type, predicate: JSON.parse(JSON.stringify(predicate)) });
    return await outcomeOf(() =>
      verifySummary(verifyBundle(bundle, { bytes: blob }, { keys: [key.publicKey] }), { ...expected, ...more }),
    );
  }

  test("is that it passed: a failure is no answer, however well it is signed", async () => {
    expect(await verdict(summary())).toBe("accepted");
    for (const verificationResult of ["FAILED", "passed", "", "PASSED "])
      expect(await verdict(summary({ verificationResult }))).toBe("SUMMARY_MISMATCH");
    expect(await verdict(summary({ verificationResult: undefined }))).toBe("SUMMARY_INVALID");
  });

  const levels: readonly (readonly [readonly string[], string])[] = [
    [["SLSA_BUILD_LEVEL_1"], "accepted"],
    [["SLSA_BUILD_LEVEL_2", "SLSA_SOURCE_LEVEL_3", "FEDRAMP_LOW"], "accepted"],
    [["SLSA_BUILD_LEVEL_3"], "SUMMARY_MISMATCH"],
    [["SLSA_BUILD_LEVEL_1", "SLSA_SOURCE_LEVEL_4"], "SUMMARY_MISMATCH"],
    [["SLSA_DEPENDENCY_LEVEL_1"], "SUMMARY_MISMATCH"],
    [["FEDRAMP_HIGH"], "SUMMARY_MISMATCH"],
    [["slsa_build_level_1"], "SUMMARY_MISMATCH"],
  ];
  test.each(levels)("reaches the levels %j: %s", async (wanted, outcome) => {
    expect(await verdict(summary(), { levels: wanted })).toBe(outcome);
  });

  test("has a level only as a whole name, and none where none was found out", async () => {
    for (const level of ["SLSA_BUILD_LEVEL_UNEVALUATED", "SLSA_BUILD_LEVEL_22x", "XSLSA_BUILD_LEVEL_3"])
      expect(await verdict(summary({ verifiedLevels: [level] }), { levels: ["SLSA_BUILD_LEVEL_1"] })).toBe(
        "SUMMARY_MISMATCH",
      );
    expect(
      await verdict(summary({ verifiedLevels: ["SLSA_BUILD_LEVEL_10"] }), { levels: ["SLSA_BUILD_LEVEL_3"] }),
    ).toBe("accepted");
  });

  test("is of this type and whole, or no summary", async () => {
    expect(await verdict(summary(), {}, "https://slsa.dev/verification_summary/v0.2")).toBe("SUMMARY_INVALID");
    expect(await verdict(summary({ verifier: {} }))).toBe("SUMMARY_INVALID");
    expect(await verdict(summary({ policy: undefined }))).toBe("SUMMARY_INVALID");
    expect(await verdict(summary({ verifiedLevels: "SLSA_BUILD_LEVEL_3" }))).toBe("SUMMARY_INVALID");
    expect(await verdict(summary(), { verifierId: "" })).toBe("POLICY_INVALID");
    expect(await verdict(summary(), { resourceUri: "" })).toBe("POLICY_INVALID");
  });
});

/** An envelope without a bundle around it, as other verifiers write it. */
async function envelope(subject: object, change: (payload: string) => string = (payload) => payload): Promise<string> {
  const key = newKey();
  writeFileSync(at("verifier.pub"), key.publicKey.pem);
  const payload = JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "_", digest: subject }],
    predicateType: "https://slsa.dev/verification_summary/v1",
    predicate: summary(),
  });
  const type = "application/vnd.in-toto+json";
  const signed = Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} ${payload}`);
  const { bytes } = await createKeySigner(key.privateKey).sign(signed);
  return JSON.stringify({
    payload: Buffer.from(change(payload)).toString("base64"),
    payloadType: type,
    signatures: [{ sig: Buffer.from(bytes).toString("base64"), keyid: "keystore://verifier" }],
  });
}

async function verifyFile(text: string, ...words: readonly string[]): Promise<Ran> {
  writeFileSync(at("summary.json"), text);
  const named = ["--attestation-path", at("summary.json"), "--verifier-id", verifierId, "--key", at("verifier.pub")];
  return await sc("verify-vsa", "--json", ...named, ...words);
}

describe("a summary in a file (SIGN-6)", () => {
  const resource = ["--resource-uri", "pkg:oci/api"];

  test("is read as an envelope alone where it is signed by key, about a digest of any algorithm", async () => {
    const good = await envelope({ gce_image_id: "8970095005306000053", sha256: "ab" });
    const both = ["--subject-digest", "gce_image_id:8970095005306000053", "--subject-digest", "sha256:ab"];
    expect(codeOf(await verifyFile(good, ...both, ...resource))).toBe("accepted");
    for (const other of ["gce_image_id:897009500530600005", "gce_image:8970095005306000053", "sha256:AB"])
      expect(codeOf(await verifyFile(good, ...both, "--subject-digest", other, ...resource))).toBe("SUBJECT_MISMATCH");
    expect(codeOf(await verifyFile(good, "--subject-digest", "8970", ...resource))).toBe("CLI_USAGE");
    expect(codeOf(await verifyFile(good, ...resource))).toBe("CLI_USAGE");
    expect(codeOf(await verifyFile(good, ...both))).toBe("CLI_USAGE");
  });

  test("is refused where a byte was changed, a second signature added, or an identity is asked for", async () => {
    const named = ["--subject-digest", "sha256:ab", ...resource];
    const changed = await envelope({ sha256: "ab" }, (payload) => payload.replace("LEVEL_2", "LEVEL_3"));
    expect(codeOf(await verifyFile(changed, ...named))).toBe("SIGNATURE_MISMATCH");
    const good = await envelope({ sha256: "ab" });
    const twice = JSON.parse(good);
    twice.signatures.push(twice.signatures[0]);
    expect(codeOf(await verifyFile(JSON.stringify(twice), ...named))).toBe("ENVELOPE_INVALID");
    const other = await verifyFile(JSON.stringify({ ...JSON.parse(good), payloadType: "text/plain" }), ...named);
    expect(codeOf(other)).toBe("SIGNATURE_MISMATCH");
    const identity = ["--certificate-identity", "a@b.example", "--oidc-issuer", "https://i.example"];
    const asked = ["--attestation", at("summary.json"), "--verifier-id", verifierId, ...identity, ...named];
    expect(codeOf(await sc("vsa", "verify", "--json", ...asked))).toBe("BUNDLE_VERSION_UNSUPPORTED");
  });

  test("of neither a file nor an image, or of both, is a question without a subject", async () => {
    const asked = ["--verifier-id", verifierId, ...byKey, "--json"];
    expect(codeOf(await sc("vsa", "verify", ...asked))).toBe("CLI_USAGE");
    expect(codeOf(await sc("vsa", "verify", ...asked, "-i", reference, "--attestation", at("vsa.json")))).toBe(
      "CLI_USAGE",
    );
  });
});

test("a digest of another algorithm or case is another subject (SIGN-5)", async () => {
  const key = newKey();
  const blob = Buffer.from("content");
  const bundle = await attestBlob(blob, createKeySigner(key.privateKey), { type: "custom", predicate: {} });
  const by = { keys: [key.publicKey] };
  expect(await outcomeOf(() => verifyBundle(bundle, { bytes: blob }, by))).toBe("accepted");
  expect(await outcomeOf(() => verifyBundle(bundle, { digest }, by))).toBe("SUBJECT_MISMATCH");
  const named = { algorithm: "__proto__", value: "x" };
  expect(await outcomeOf(() => verifyBundle(bundle, { named }, by))).toBe("SUBJECT_MISMATCH");
});
