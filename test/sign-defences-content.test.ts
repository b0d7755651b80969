import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import {
  attestImage,
  type SignerPolicy,
  VerificationError,
  verifyAttestation,
  verifyBlob,
  verifyBundle,
  verifyImage,
  verifyProvenance,
} from "@sc/sign";
import { startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import {
  bundleOf,
  image,
  newKey,
  openImages,
  otherImage,
  outcomeOf,
  putReferrer,
  statementOf,
  testKey,
} from "./sign-support.ts";

const key = newKey();
const policy: SignerPolicy = { keys: [key.publicKey] };
const hex = image.digest.slice("sha256:".length);
const payload = JSON.stringify(statementOf(image));

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
});

function verdictOn(bundle: string, by: SignerPolicy = policy): Promise<string> {
  return outcomeOf(() => verifyBundle(Buffer.from(bundle), { digest: image.digest }, by));
}

function withSignature(signature: Uint8Array): string {
  const sig = Buffer.from(signature).toString("base64");
  return bundleOf({ key: key.privateKey, payload, envelope: { signatures: [{ sig }] } });
}

// The two integers of an ECDSA signature, and any two as DER.
function integersOf(der: Buffer): readonly [Buffer, Buffer] {
  const length = der[3] ?? 0;
  return [der.subarray(4, 4 + length), der.subarray(6 + length)];
}

// The digits of an integer, on P-256 always as many.
function integerOf(one: Buffer): string {
  return BigInt(`0x${one.toString("hex")}`)
    .toString(16)
    .padStart(64, "0");
}

function derOf(...integers: readonly Buffer[]): Buffer {
  const parts = integers.map((one) => Buffer.concat([Buffer.from([2, one.length]), one]));
  return Buffer.concat([Buffer.from([0x30, Buffer.concat(parts).length]), ...parts]);
}

function signed(): Buffer {
  const type = "application/vnd.in-toto+json";
  const body = Buffer.from(`DSSEv1 ${type.length} ${type} ${Buffer.byteLength(payload)} ${payload}`);
  return sign("sha256", body, key.privateKey);
}

const order = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

function integer(value: bigint): Buffer {
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
  return (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}

describe("a signature in another form", () => {
  test("with high S is the same signature, with a longer integer or a longer length it is none", async () => {
    const [r, s] = integersOf(signed());
    expect(await verdictOn(withSignature(derOf(r, s)))).toBe("accepted");
    const other = order - BigInt(`0x${s.toString("hex")}`);
    expect(await verdictOn(withSignature(derOf(r, integer(other))))).toBe("accepted");
    const padded = derOf(r, Buffer.concat([Buffer.from([0, 0]), s]));
    expect(await verdictOn(withSignature(padded))).toBe("SIGNATURE_MISMATCH");
    const plain = derOf(r, s);
    const long = Buffer.concat([Buffer.from([0x30, 0x81]), plain.subarray(1)]);
    expect(await verdictOn(withSignature(long))).toBe("SIGNATURE_MISMATCH");
    // The bare numbers are another encoding that is read, at exactly the curve's length.
    const numbers = Buffer.concat([r, s].map((one) => Buffer.from(integerOf(one), "hex")));
    expect(await verdictOn(withSignature(numbers))).toBe("accepted");
    for (const wrong of [numbers.subarray(1), Buffer.concat([Buffer.from([0]), numbers])])
      expect(await verdictOn(withSignature(wrong))).toBe("SIGNATURE_MISMATCH");
  });

  test("by Ed25519 with the order added to S is none (node-forge CVE-2026-33895)", async () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const { publicKey } = testKey(privateKey);
    expect(createPublicKey(privateKey).asymmetricKeyType).toBe("ed25519");
    const type = "application/vnd.in-toto+json";
    const body = Buffer.from(`DSSEv1 ${type.length} ${type} ${Buffer.byteLength(payload)} ${payload}`);
    const bytes = sign(null, body, privateKey);
    const by = { keys: [publicKey] };
    expect(await verdictOn(withSignature(bytes), by)).toBe("accepted");
    const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${Buffer.from(bytes.subarray(32).toReversed()).toString("hex")}`) + groupOrder;
    const malleable = Buffer.from(s.toString(16).padStart(64, "0"), "hex").toReversed();
    const forged = Buffer.concat([bytes.subarray(0, 32), malleable]);
    expect(await verdictOn(withSignature(forged), by)).toBe("SIGNATURE_MISMATCH");
  });
});

function about(subject: object): string {
  return bundleOf({ key: key.privateKey, payload: JSON.stringify(statementOf(image, { subject })) });
}

describe("the subjects of a statement", () => {
  test("may be many, of which one is the image", async () => {
    const many = [otherImage, image].map(({ digest }) => ({ digest: { sha256: digest.slice("sha256:".length) } }));
    expect(await verdictOn(about(many))).toBe("accepted");
  });

  test.each([
    ["md5 alone", [{ digest: { md5: hex.slice(0, 32) } }]],
    ["an odd number of digits", [{ digest: { sha256: hex.slice(0, 63) } }]],
    ["one digit more", [{ digest: { sha256: `${hex}0` } }]],
    ["an algorithm that only looks the same", [{ digest: { SHA256: hex } }]],
    ["a digest that is inherited", [{ digest: JSON.parse(`{"__proto__":{"sha256":"${hex}"},"md5":"00"}`) }]],
    ["the right digest as a name", [{ name: hex, digest: { sha256: "0".repeat(64) } }]],
  ])("by %s are not the image", async (_what, subject) => {
    expect(["SUBJECT_MISMATCH", "STATEMENT_INVALID"]).toContain(await verdictOn(about(subject)));
  });

  test("by sha256 are not a file's whose sha512 begins so", async () => {
    const bundle = Buffer.from(about([{ digest: { sha512: `${hex}${hex}` } }]));
    const outcome = await outcomeOf(() => verifyBundle(bundle, { digest: image.digest }, policy));
    expect(outcome).toBe("SUBJECT_MISMATCH");
  });
});

describe("what is verified", () => {
  test("is a value or an error, never a yes or no that could be ignored (CVE-2026-31830, sigstore-ruby)", () => {
    expectTypeOf<boolean>().not.toExtend<ReturnType<typeof verifyBundle>>();
    expectTypeOf(verifyImage).returns.resolves.not.toBeBoolean();
    expectTypeOf(verifyAttestation).returns.resolves.not.toBeBoolean();
    expectTypeOf(verifyBlob).returns.not.toBeBoolean();
    expectTypeOf(verifyProvenance).returns.not.toBeBoolean();
    expect(() => verifyBundle(Buffer.from("{}"), { digest: image.digest }, policy)).toThrow();
  });

  test("of several attestations are those alone whose signature holds (slsa-verifier GHSA-r2xv-vpr2-42m9)", async () => {
    await using store = openImages(registry, "acme/several");
    await attestImage(store, image, key.signer, { type: "custom", predicate: { good: true }, storage: "bundle" });
    const type = "https://cosign.sigstore.dev/attestation/v1";
    const forged = JSON.stringify(statementOf(image, { predicateType: type, predicate: { forged: true } }));
    await putReferrer(store, { bundle: bundleOf({ key: newKey().privateKey, payload: forged }), subject: image });
    const { statements, verdicts } = await verifyAttestation(store, image, { ...policy, predicateType: "custom" });
    expect(statements.map(({ statement }) => statement.predicate)).toEqual([{ good: true }]);
    expect(verdicts.filter(({ accepted }) => !accepted).map(({ code }) => code)).toEqual(["SIGNATURE_MISMATCH"]);
  });

  test("is every attestation of a type, not the first alone (go-witness GHSA-v6px, rego over one attestor)", async () => {
    await using store = openImages(registry, "acme/every");
    for (const number of [1, 2, 3])
      await attestImage(store, image, key.signer, { type: "custom", predicate: { number } });
    const { statements } = await verifyAttestation(store, image, { ...policy, predicateType: "custom" });
    expect(statements.map(({ statement }) => JSON.stringify(statement.predicate)).toSorted()).toEqual(
      [1, 2, 3].map((number) => JSON.stringify({ number })),
    );
  });

  test("with no candidate at all is refused, never passed for want of anything to fail (go-witness GHSA-rgp5)", async () => {
    await using store = openImages(registry, "acme/none");
    const refused: unknown = await verifyImage(store, image, policy).catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(VerificationError);
    expect(await outcomeOf(() => verifyAttestation(store, image, { ...policy, predicateType: "custom" }))).toBe(
      "NO_SIGNATURES",
    );
  });
});
