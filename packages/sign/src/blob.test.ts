import { generateKeyPairSync, sign } from "node:crypto";
import { isScError } from "@sc/model";
import { describe, expect, test } from "vitest";
import { attestBlob, signBlob, verifyBlob, verifyBlobAttestation } from "./blob.ts";
import { verifyBlobSignature } from "./detached-signature.ts";
import { createKeySigner, type Signer } from "./signer.ts";

const blob = Buffer.from("the content of a file\n");

function signers(): readonly (readonly [string, Signer])[] {
  return [
    ["P-256", createKeySigner(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey)],
    ["P-384", createKeySigner(generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey)],
    ["P-521", createKeySigner(generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey)],
    ["Ed25519", createKeySigner(generateKeyPairSync("ed25519").privateKey)],
    ["RSA", createKeySigner(generateKeyPairSync("rsa", { modulusLength: 3072 }).privateKey)],
  ];
}

function keysOf({ publicKey }: Signer): { keys: NonNullable<Signer["publicKey"]>[] } {
  return { keys: publicKey === undefined ? [] : [publicKey] };
}

function codeOf(verification: () => unknown): string {
  try {
    verification();
    return "accepted";
  } catch (error) {
    return isScError(error) ? error.code : String(error);
  }
}

describe.each(signers())("a file signed by a key on %s (SIGN-4)", (_name, signer) => {
  test("verifies, and neither another file nor another key does", async () => {
    const bundle = await signBlob(blob, signer);
    expect(verifyBlob(bundle, blob, keysOf(signer)).facts.checks).toContain("signature");
    expect(codeOf(() => verifyBlob(bundle, Buffer.from("other"), keysOf(signer)))).toBe("SUBJECT_MISMATCH");
    const other = createKeySigner(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
    expect(codeOf(() => verifyBlob(bundle, blob, keysOf(other)))).toBe("SIGNATURE_MISMATCH");
  });

  test("is attested, and the type of the statement counts", async () => {
    const bundle = await attestBlob(blob, signer, { type: "custom", predicate: { Data: "x" }, name: "file" });
    const policy = { ...keysOf(signer), predicateType: "custom" };
    expect(verifyBlobAttestation(bundle, { bytes: blob }, policy).statement?.predicate).toEqual({ Data: "x" });
    const otherType = { ...policy, predicateType: "vuln" };
    // CVE-2026-39395
    expect(codeOf(() => verifyBlobAttestation(bundle, { bytes: blob }, otherType))).toBe("PREDICATE_TYPE_MISMATCH");
    expect(codeOf(() => verifyBlobAttestation(bundle, { bytes: Buffer.from("other") }, policy))).toBe(
      "SUBJECT_MISMATCH",
    );
  });
});

test("a statement about a file is no signature of it, and a signature no statement (SIGN-4, CVE-2026-39395)", async () => {
  const signer = createKeySigner(generateKeyPairSync("ed25519").privateKey);
  const statement = await attestBlob(blob, signer, { type: "custom", predicate: {} });
  expect(codeOf(() => verifyBlob(statement, blob, keysOf(signer)))).toBe("PREDICATE_TYPE_MISMATCH");
  const signature = await signBlob(blob, signer);
  const policy = { ...keysOf(signer), predicateType: "custom" };
  expect(codeOf(() => verifyBlobAttestation(signature, { bytes: blob }, policy))).toBe("PREDICATE_TYPE_MISMATCH");
});

test("an envelope in a bundle carries no key id, which cosign would compare with another form of id (SIGN-3)", async () => {
  const signer = createKeySigner(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
  const bundle: unknown = JSON.parse(
    Buffer.from(await attestBlob(blob, signer, { type: "custom", predicate: {} })).toString(),
  );
  expect(bundle).toMatchObject({ dsseEnvelope: { signatures: [{ keyid: "" }] } });
});

describe("a signature beside a file, as cosign up to version 2 writes it (SIGN-4)", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer = createKeySigner(privateKey);
  const signature = sign("sha256", blob, privateKey);
  const local = (members: object): Buffer =>
    Buffer.from(JSON.stringify({ base64Signature: signature.toString("base64"), ...members }));

  test("verifies alone and in the local bundle, and only with an accepted key", () => {
    expect(verifyBlobSignature({ signature }, blob, keysOf(signer)).facts.checks).toEqual(["signature"]);
    expect(verifyBlob(local({}), blob, keysOf(signer)).facts.checks).toEqual(["signature"]);
    expect(codeOf(() => verifyBlob(local({}), Buffer.from("other"), keysOf(signer)))).toBe("SIGNATURE_MISMATCH");
    expect(codeOf(() => verifyBlobSignature({ signature: Buffer.from("x") }, blob, keysOf(signer)))).toBe(
      "SIGNATURE_MISMATCH",
    );
    expect(codeOf(() => verifyBlobSignature({ signature }, blob, { keys: [] }))).toBe("POLICY_INVALID");
  });

  test("a public key that the bundle brings is believed by nobody (GHSA-fx35-mq7g-6g98)", () => {
    const brought = local({ cert: Buffer.from(signer.publicKey?.pem ?? "").toString("base64") });
    const stranger = createKeySigner(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
    expect(codeOf(() => verifyBlob(brought, blob, keysOf(stranger)))).toBe("SIGNATURE_MISMATCH");
  });

  test("a log entry for another signature is refused where it is believed at all", () => {
    expect(codeOf(() => verifyBlob(local({ rekorBundle: { Payload: {} } }), blob, keysOf(signer)))).toBe(
      "BUNDLE_INVALID",
    );
  });
});
