import { createHash, type KeyObject } from "node:crypto";
import type { Bundle } from "@sigstore/bundle";
import { type SignedEntity, toSignedEntity, type TrustMaterial } from "@sigstore/verify";
import { matchSignature, type SignatureHash, type SignatureMatch } from "./public-key.ts";

/** Something signed, not verified yet: a bundle, and the bytes that its signature is over. */
export interface SignedContent {
  readonly bundle: Bundle;
  /** What the log entries hash: an envelope's payload, or the signed bytes themselves. */
  readonly payload: Uint8Array;
  readonly signedBytes: Uint8Array;
  /** The envelope as it was stored, to the byte, where it was: older log entries hold its hash. */
  readonly envelope?: Uint8Array;
}

/** The verifier's view of something signed, without what nobody here can judge. */
export interface JudgedEntity {
  readonly entity: SignedEntity;
  /** How a key's signature holds; asked once of each key. */
  readonly match: (key: KeyObject) => SignatureMatch | undefined;
  /** The hash of the signature that held; `undefined` for Ed25519, which has none of its own. */
  readonly hash: () => SignatureHash | undefined;
  /** What was left out: entries of logs and timestamps of authorities that the trust root does not name. */
  readonly foreign: { readonly logEntries: number; readonly timestamps: number };
}

/**
 * What a bundle says, for the verifier, with the signature checks that the library gets wrong replaced. Entries of logs
 * and timestamps of authorities that the trust root does not name are left out, as sigstore-go leaves them out: whoever
 * can write a bundle can add and remove them, so that they prove nothing and must hinder nothing. The time that such an
 * entry claims goes with it. What names a trusted log or authority stays, and must hold.
 */
export function judgeEntity(content: SignedContent, trust: TrustMaterial | undefined): JudgedEntity {
  const base = toSignedEntity(content.bundle, Buffer.from(content.payload));
  const { signature } = base;
  const matches = new Map<KeyObject, SignatureMatch | undefined>();
  const match = (key: KeyObject): SignatureMatch | undefined => {
    if (!matches.has(key)) matches.set(key, matchSignature(key, content.signedBytes, signature.signature));
    return matches.get(key);
  };
  const tlogEntries = base.tlogEntries.filter((entry) => isOfTrustedLog(entry, trust));
  const timestamps = base.timestamps.filter((timestamp) =>
    timestamp.$case === "transparency-log"
      ? tlogEntries.includes(timestamp.tlogEntry)
      : isOfTrustedAuthority(timestamp.timestamp, trust),
  );
  const entity: SignedEntity = {
    ...base,
    tlogEntries,
    timestamps,
    signature: {
      signature: signature.signature,
      compareSignature: (other) => signature.compareSignature(other),
      compareDigest: (digest) => isDigestOf(digest, content.payload),
      compareSignedDigest: (digest) => isDigestOf(digest, content.signedBytes),
      // The library hashes an envelope always with SHA-256, and hands Ed25519 a hash.
      verifySignature: (key) => match(key) !== undefined,
    },
  };
  return {
    entity,
    match,
    hash: () => [...matches.values()].find((found) => found !== undefined)?.hash,
    foreign: {
      logEntries: base.tlogEntries.length - tlogEntries.length,
      timestamps: stampsIn(base) - stampsIn(entity),
    },
  };
}

function isOfTrustedLog({ logId }: SignedEntity["tlogEntries"][number], trust: TrustMaterial | undefined): boolean {
  return trust?.tlogs.some(({ logID }) => logID.equals(logId.keyId)) === true;
}

type SignedTimestamp = Extract<SignedEntity["timestamps"][number], { $case: "timestamp-authority" }>["timestamp"];

// By the name and number of the certificate that the timestamp names: whether it is by that one is for the verifier.
function isOfTrustedAuthority(timestamp: SignedTimestamp, trust: TrustMaterial | undefined): boolean {
  const { signerIssuer, signerSerialNumber } = timestamp;
  return (
    trust?.timestampAuthorities.some(
      ({ certChain: [leaf] }) =>
        leaf?.serialNumber.equals(signerSerialNumber) === true && leaf.issuer.equals(signerIssuer),
    ) === true
  );
}

function stampsIn({ timestamps }: SignedEntity): number {
  return timestamps.filter(({ $case }) => $case === "timestamp-authority").length;
}

const hashByLength: Readonly<Record<number, string>> = { 32: "sha256", 48: "sha384", 64: "sha512" };

function isDigestOf(digest: Buffer, bytes: Uint8Array): boolean {
  const hash = hashByLength[digest.length];
  return hash !== undefined && createHash(hash).update(bytes).digest().equals(digest);
}
