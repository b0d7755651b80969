import { digestOf } from "@sc/model";
import { resolvePredicateType, type SignerPolicy, verifyAttestation } from "@sc/sign";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authorities } from "./sign-authorities.ts";
import { bundleOf, image, newKey, outcomeOf, sha256, statementOf } from "./sign-support.ts";

const key = newKey();
const predicateType = resolvePredicateType("custom").uri;

function envelopeOf(members: object = {}): Buffer {
  const payload = JSON.stringify(statementOf(image, { predicateType, ...members }));
  const { dsseEnvelope } = JSON.parse(bundleOf({ key: key.privateKey, payload }));
  return Buffer.from(JSON.stringify(dsseEnvelope));
}

interface Entry {
  readonly hash: object;
  readonly payloadHash?: object;
  readonly pem?: string;
}

// As Rekor wrote what cosign 1 and the older generators attested: the hash of the whole envelope, and of what it says.
function entryOf(envelope: Buffer, members: Partial<Entry> = {}): object {
  const { payload }: { payload: string } = JSON.parse(envelope.toString());
  const { pem = key.publicKey.pem, ...hashes } = members;
  const content = {
    hash: { algorithm: "sha256", value: sha256(envelope) },
    payloadHash: { algorithm: "sha256", value: sha256(Buffer.from(payload, "base64")) },
    ...hashes,
  };
  return { apiVersion: "0.0.1", kind: "intoto", spec: { content, publicKey: Buffer.from(pem).toString("base64") } };
}

describe("an attestation whose log entry holds only the envelope's hash (SIGN-3, CVE-2022-36056)", () => {
  let at: Authorities;
  beforeAll(async () => {
    at = await Authorities.start();
  });
  afterAll(async () => {
    await at[Symbol.asyncDispose]();
  });

  async function verdictOn(envelope: Buffer, body: object, flip = false): Promise<string> {
    const { store, name } = at.newStore();
    const entry = at.sigstore.logs.v1.append(body, at.sigstore.clock);
    const promise = Buffer.from(entry.inclusionPromise?.signedEntryTimestamp ?? "", "base64");
    if (flip) promise[promise.length - 1] = (promise.at(-1) ?? 0) ^ 1;
    const logged = {
      SignedEntryTimestamp: promise.toString("base64"),
      Payload: {
        body: entry.canonicalizedBody,
        integratedTime: Number(entry.integratedTime),
        logIndex: Number(entry.logIndex),
        logID: Buffer.from(entry.logId.keyId, "base64").toString("hex"),
      },
    };
    const annotations = {
      "dev.cosignproject.cosign/signature": "",
      "dev.sigstore.cosign/bundle": JSON.stringify(logged),
      predicateType,
    };
    const config = await store.pushBlob(Buffer.from("{}"), "application/vnd.oci.image.config.v1+json");
    const layer = await store.pushBlob(envelope, "application/vnd.dsse.envelope.v1+json");
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const document = { schemaVersion: 2, mediaType, config, layers: [{ ...layer, annotations }] };
    const bytes = Buffer.from(JSON.stringify(document));
    const tag = `${image.digest.replace(":", "-")}.att`;
    at.registry.putManifest(name, { bytes, mediaType, digest: digestOf(bytes), tag });
    const { trustRoot } = at.policy();
    if (trustRoot === undefined) throw new TypeError("no trust root");
    const policy: SignerPolicy = { keys: [key.publicKey], trustRoot, requireLogEntry: true, now: at.sigstore.clock };
    return await outcomeOf(() => verifyAttestation(store, image, { ...policy, predicateType }));
  }

  test("verifies", async () => {
    const envelope = envelopeOf();
    expect(await verdictOn(envelope, entryOf(envelope))).toBe("accepted");
    // The payload's hash came later.
    const { hash } = { hash: { algorithm: "sha256", value: sha256(envelope) } };
    const older = { apiVersion: "0.0.1", kind: "intoto", spec: { content: { hash }, publicKey: pemOf() } };
    expect(await verdictOn(envelope, older)).toBe("accepted");
  });

  test("is refused with the entry of another envelope by the same key", async () => {
    const envelope = envelopeOf();
    const other = envelopeOf({ predicate: { other: true } });
    expect(await verdictOn(envelope, entryOf(other))).toBe("VERIFICATION_FAILED");
    // The same statement signed once more is another envelope, too.
    expect(await verdictOn(envelope, entryOf(envelopeOf()))).toBe("VERIFICATION_FAILED");
  });

  test("is refused where the entry's hash of the payload is another's, or of another kind", async () => {
    const envelope = envelopeOf();
    const value = sha256("another");
    expect(await verdictOn(envelope, entryOf(envelope, { payloadHash: { algorithm: "sha256", value } }))).toBe(
      "VERIFICATION_FAILED",
    );
    const sha1 = { algorithm: "sha1", value: sha256(envelope) };
    expect(await verdictOn(envelope, entryOf(envelope, { hash: sha1 }))).toBe("VERIFICATION_FAILED");
  });

  test("is refused where the entry is another key's, or the log did not promise it", async () => {
    const envelope = envelopeOf();
    expect(await verdictOn(envelope, entryOf(envelope, { pem: newKey().publicKey.pem }))).toBe("VERIFICATION_FAILED");
    expect(await verdictOn(envelope, entryOf(envelope), true)).toBe("VERIFICATION_FAILED");
  });
});

function pemOf(): string {
  return Buffer.from(key.publicKey.pem).toString("base64");
}
