import { generateKeyPairSync } from "node:crypto";
import { isScError } from "@sc/model";
import { describe, expect, test } from "vitest";
import type { BuildFacts } from "./build-facts.ts";
import { encodeBundle } from "./bundle.ts";
import { signStatement } from "./attach.ts";
import { slsaProvenance02 } from "./predicates/slsaprovenance.ts";
import { slsaProvenance1 } from "./predicates/slsaprovenance1.ts";
import { createKeySigner } from "./signer.ts";
import { encodeStatement, statementMediaType } from "./statement.ts";
import { builderIdentities, trustedBuilders } from "./trusted-builders.ts";
import { summarizeVerification } from "./verification-summary.ts";
import { verifyBundle } from "./verify-bundle.ts";
import { type ProvenanceExpectation, verifyProvenance, type VerifiedProvenance } from "./verify-provenance.ts";

const digest = `sha256:${"a".repeat(64)}` as const;
const commit = "b".repeat(40);
const builderId = "https://builds.example/trusted";
const facts: BuildFacts = {
  buildType: "https://builds.example/type/v1",
  builderId,
  source: { uri: "https://git.example/o/r", ref: "refs/tags/v1.2.3", commit },
  entryPoint: "build.yml",
  externalParameters: { source: "git+https://git.example/o/r@refs/tags/v1.2.3" },
  internalParameters: { job: "1" },
  dependencies: [{ uri: "pkg:docker/debian@12", digest: { sha256: "c".repeat(64) } }],
  invocationId: "run-1",
};
const key = createKeySigner(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
const forms = [
  ["https://slsa.dev/provenance/v1", slsaProvenance1],
  ["https://slsa.dev/provenance/v0.2", slsaProvenance02],
] as const;

async function verify(
  expected: Partial<ProvenanceExpectation>,
  { said = facts, form = forms[0] }: { readonly said?: BuildFacts; readonly form?: (typeof forms)[number] } = {},
): Promise<VerifiedProvenance> {
  const [predicateType, make] = form;
  const statement = encodeStatement({ subject: digest, predicateType, predicate: make(said) });
  const { payload, signature, testimony } = await signStatement(statement, key, {});
  const envelope = { payloadType: statementMediaType, payload, signature: signature.bytes };
  const bundle = encodeBundle({ signed: { envelope }, material: signature.material, testimony });
  const keys = key.publicKey === undefined ? [] : [key.publicKey];
  const evidence = verifyBundle(bundle, { digest }, { keys });
  return verifyProvenance(evidence, { source: "git.example/o/r", builderId, ...expected });
}

async function codeOf(verification: Promise<unknown>): Promise<string> {
  try {
    await verification;
    return "accepted";
  } catch (error) {
    return isScError(error) ? error.code : String(error);
  }
}

describe.each(forms)("provenance of type %s (SIGN-6)", (predicateType, make) => {
  const form: (typeof forms)[number] = predicateType === forms[0][0] ? forms[0] : forms[1];

  test("what is written from the facts of a build is read back", async () => {
    expect(make(facts)).not.toHaveProperty("level");
    const found = await verify({ commit, tag: "v1.2.3", versionedTag: "v1.2" }, { form });
    expect(found).toMatchObject({ builderId, source: "https://git.example/o/r", ref: "refs/tags/v1.2.3", commit });
  });

  test.each([
    ["another source", { source: "git.example/o/r2" }],
    ["a source whose name only begins so", { source: "git.example/o" }],
    ["another commit", { commit: "d".repeat(40) }],
    ["another tag", { tag: "v1.2" }],
    ["a version that only begins with the same digits", { versionedTag: "v1.2.30" }],
    ["a branch where a tag was built", { branch: "v1.2.3" }],
    ["another builder", { builderId: "https://builds.example/trusted2" }],
    ["another subject's name", { subjectName: "other" }],
    ["a higher level than the table gives", { minLevel: 2 as const }],
  ])("%s is refused", async (_what, expected) => {
    expect(await codeOf(verify(expected, { form }))).toBe("PROVENANCE_MISMATCH");
  });
});

test("places of one document that name two sources are refused (SIGN-6)", async () => {
  const said = { ...facts, externalParameters: { source: "git+https://git.example/evil/r@refs/tags/v1.2.3" } };
  expect(await codeOf(verify({}, { said }))).toBe("PROVENANCE_MISMATCH");
});

test("the level comes from the table by signer and builder, whatever the document says of itself (SIGN-6)", async () => {
  const said = { ...facts, internalParameters: { slsaLevel: "SLSA_BUILD_LEVEL_3" } };
  expect((await verify({}, { said })).level).toBe(1);
  const keyId = key.publicKey?.id ?? "";
  const builders = [
    { name: "ours", signer: { keyId }, builderId: /https:\/\/builds\.example\/trusted/, maxLevel: 2 as const },
  ];
  expect(await verify({ builders }, { said })).toMatchObject({ level: 2, builder: "ours" });
  const other = [{ name: "ours", signer: { keyId: "sha256:0" }, builderId: /.*/, maxLevel: 3 as const }];
  expect((await verify({ builders: other })).level).toBe(1);
});

test("a builder that is in no table must be named (SIGN-6)", async () => {
  const [predicateType, make] = forms[0];
  const statement = encodeStatement({ subject: digest, predicateType, predicate: make(facts) });
  const { payload, signature, testimony } = await signStatement(statement, key, {});
  const envelope = { payloadType: statementMediaType, payload, signature: signature.bytes };
  const bundle = encodeBundle({ signed: { envelope }, material: signature.material, testimony });
  const keys = key.publicKey === undefined ? [] : [key.publicKey];
  const evidence = verifyBundle(bundle, { digest }, { keys });
  expect(await codeOf(Promise.resolve().then(() => verifyProvenance(evidence, { source: "git.example/o/r" })))).toBe(
    "BUILDER_UNTRUSTED",
  );
});

test("the patterns of the table match whole names and never anybody (SIGN-6)", () => {
  for (const { subject } of builderIdentities(trustedBuilders)) {
    if (typeof subject === "string") throw new TypeError("a pattern");
    expect(subject.test("https://example.com/x")).toBe(false);
    expect(subject.source.startsWith("^") && subject.source.endsWith("$")).toBe(true);
  }
});

test("a summary says what was verified and to which level (SIGN-6)", async () => {
  const { type, predicate } = summarizeVerification(await verify({}), {
    verifierId: "https://verifier.example/",
    resourceUri: "registry.example/o/r",
    policy: { uri: "https://verifier.example/policy", digest },
    inputs: [digest],
    now: new Date(0),
  });
  expect(type).toBe("https://slsa.dev/verification_summary/v1");
  expect(predicate).toMatchObject({
    timeVerified: "1970-01-01T00:00:00Z",
    verificationResult: "PASSED",
    verifiedLevels: ["SLSA_BUILD_LEVEL_1"],
    inputAttestations: [{ digest: { sha256: "a".repeat(64) } }],
  });
});
