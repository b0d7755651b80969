import { isScError } from "@sc/model";
import {
  createKeySigner,
  decodeTrustRoot,
  signImage,
  type SignerPolicy,
  type TrustRoot,
  VerificationError,
  verifyImage,
} from "@sc/sign";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authorities, changedBundle, verdictOn } from "./sign-authorities.ts";
import { image, newKey } from "./sign-support.ts";

let at: Authorities;
let trustRoot: TrustRoot;
beforeAll(async () => {
  at = await Authorities.start();
  trustRoot = decodeTrustRoot(at.sigstore.trustedRoot, "test root");
});
afterAll(async () => {
  await at[Symbol.asyncDispose]();
});

async function reasonOf(verification: Promise<unknown>): Promise<string> {
  const error: unknown = await verification.catch((thrown: unknown) => thrown);
  if (error instanceof VerificationError) return error.facts["reason"] ?? error.code;
  return isScError(error) ? error.code : "accepted";
}

describe("a key with witnesses", () => {
  test("may be held to a log entry (SIGN-1)", async () => {
    const { store } = at.newStore();
    const key = newKey();
    await signImage(store, image, createKeySigner(key.privateKey, { witnesses: [at.rekor(1)] }));
    const by = { keys: [key.publicKey], trustRoot, requireLogEntry: true };
    const { signatures } = await verifyImage(store, image, { ...by, all: true });
    expect(signatures.map(({ facts }) => facts.logEntries.length)).toEqual([1, 1]);
    const second = at.newStore();
    await signImage(second.store, image, key.signer);
    expect(await reasonOf(verifyImage(second.store, image, by))).toBe("TRANSPARENCY_LOG_INVALID");
  });

  test("and a validity counts only at a proven time inside it (SIGN-1, sigstore-go #642)", async () => {
    const { store } = at.newStore();
    const key = newKey();
    await signImage(store, image, createKeySigner(key.privateKey, { witnesses: [at.timestamps()] }), {
      storage: "bundle",
    });
    const by = (validity: { start?: Date; end?: Date }): SignerPolicy => ({
      keys: [{ ...key.publicKey, validity }],
      trustRoot,
    });
    expect(await reasonOf(verifyImage(store, image, by({ end: new Date(Date.now() + 60_000) })))).toBe("accepted");
    expect(await reasonOf(verifyImage(store, image, by({ end: new Date("2020-01-01") })))).toBe("TIMESTAMP_INVALID");
    const second = at.newStore();
    await signImage(second.store, image, key.signer, { storage: "bundle" });
    expect(await reasonOf(verifyImage(second.store, image, by({ end: new Date("2090-01-01") })))).toBe(
      "TIMESTAMP_INVALID",
    );
  });

  test("is refused with the log entry of another key, though its log has it (CVE-2026-22703)", async () => {
    const [key, other] = [newKey(), newKey()];
    const pem = (one: typeof key): string => Buffer.from(one.publicKey.pem).toString("base64");
    const good = await at.bundleBy(createKeySigner(key.privateKey, { witnesses: [at.rekor(1)] }));
    const forged = changedBundle(good, ({ verificationMaterial: { tlogEntries } }) => {
      for (const entry of tlogEntries) {
        const body = Buffer.from(String(entry["canonicalizedBody"]), "base64").toString();
        expect(body).toContain(pem(key));
        const logged = body.replaceAll(pem(key), pem(other));
        Object.assign(entry, at.sigstore.logs.v1.append(JSON.parse(logged), at.sigstore.clock));
      }
    });
    const by = { keys: [key.publicKey], trustRoot, requireLogEntry: true, now: at.sigstore.clock };
    expect(await verdictOn(good, by)).toBe("accepted");
    expect(await verdictOn(forged, by)).toBe("TRANSPARENCY_LOG_INVALID");
  });
});
