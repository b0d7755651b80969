import { createHash, createPublicKey, type KeyObject, verify, type VerifyKeyObjectInput } from "node:crypto";
import { ScError } from "@sc/model";
import { signLimits } from "./limits.ts";

/** The kinds of key that signatures are made with. */
export const keyAlgorithms = [
  "ecdsa-p256",
  "ecdsa-p384",
  "ecdsa-p521",
  "ed25519",
  "rsa-2048",
  "rsa-3072",
  "rsa-4096",
] as const;

/** A kind of key that signatures are made with. An RSA key counts as the next smaller of the sizes named. */
export type KeyAlgorithm = (typeof keyAlgorithms)[number];

/** The time during which a key's signatures count; both ends belong to it. */
export interface KeyValidity {
  readonly start?: Date;
  readonly end?: Date;
}

/** A public key that signatures may be checked with. */
export interface PublicKey {
  /** `sha256:` and the SHA-256 of the key's SubjectPublicKeyInfo in hexadecimal. */
  readonly id: string;
  readonly algorithm: KeyAlgorithm;
  /** SubjectPublicKeyInfo as PEM, with a line feed at its end. */
  readonly pem: string;
  readonly key: KeyObject;
  /** When its signatures count; without one the time of a signature does not matter. */
  readonly validity?: KeyValidity;
}

/** The public key of a key object, private or public. Throws `KEY_INVALID` for kinds and sizes that are not accepted. */
export function describePublicKey(key: KeyObject, where: string): PublicKey {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  const algorithm = keyAlgorithm(publicKey, where);
  const der = publicKey.export({ format: "der", type: "spki" });
  return {
    id: `sha256:${createHash("sha256").update(der).digest("hex")}`,
    algorithm,
    pem: publicKey.export({ format: "pem", type: "spki" }).toString(),
    key: publicKey,
  };
}

/**
 * The public keys of a PEM file, one or several, in its order. Throws `KEY_INVALID` when there is none, when one is
 * not of an accepted kind, or when something else (a private key above all) stands between them.
 */
export function parsePublicKeys(pem: Uint8Array | string, where: string): readonly PublicKey[] {
  const text = typeof pem === "string" ? pem : new TextDecoder().decode(pem);
  if (text.length > signLimits.maxKeyFileBytes) throw new ScError("KEY_INVALID", `${where}: too large for a key file`);
  const blocks = text.match(/-----BEGIN [^-]*-----[^-]*-----END [^-]*-----/g) ?? [];
  if (blocks.length === 0) throw new ScError("KEY_INVALID", `${where}: holds no PEM block`);
  return blocks.map((block) => {
    const label = /^-----BEGIN ([^-]*)-----/.exec(block)?.[1] ?? "";
    if (label !== "PUBLIC KEY" && label !== "RSA PUBLIC KEY") {
      throw new ScError("KEY_INVALID", `${where}: wanted a PUBLIC KEY block, got ${JSON.stringify(label)}`, {
        hint: "Give the public half of the key pair.",
      });
    }
    return describePublicKey(readPublicKey(block, where), where);
  });
}

function readPublicKey(pem: string, where: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new ScError("KEY_INVALID", `${where}: the PUBLIC KEY block is damaged`, { cause });
  }
}

const curves: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: "ecdsa-p256",
  secp384r1: "ecdsa-p384",
  secp521r1: "ecdsa-p521",
};

function keyAlgorithm(key: KeyObject, where: string): KeyAlgorithm {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === "ed25519") return "ed25519";
  if (key.asymmetricKeyType === "ec") {
    const algorithm = curves[details?.namedCurve ?? ""];
    if (algorithm !== undefined) return algorithm;
    throw new ScError("KEY_INVALID", `${where}: the curve ${details?.namedCurve ?? "?"} is not P-256, P-384 or P-521`);
  }
  if (key.asymmetricKeyType === "rsa") return rsaAlgorithm(details?.modulusLength ?? 0, details?.publicExponent, where);
  throw new ScError("KEY_INVALID", `${where}: keys of type ${key.asymmetricKeyType ?? key.type} are not accepted`);
}

function rsaAlgorithm(bits: number, exponent: bigint | undefined, where: string): KeyAlgorithm {
  if (bits < 2048 || bits > 8192) {
    throw new ScError("KEY_INVALID", `${where}: an RSA key of ${bits} bits; wanted 2048 to 8192`);
  }
  if (exponent === undefined || exponent < 65537n || exponent % 2n === 0n) {
    throw new ScError("KEY_INVALID", `${where}: the RSA exponent ${exponent} is not accepted; wanted at least 65537`);
  }
  if (bits >= 4096) return "rsa-4096";
  return bits >= 3072 ? "rsa-3072" : "rsa-2048";
}

/** The hashes that signatures are made with. */
export type SignatureHash = "sha256" | "sha384" | "sha512";

/** The hash that signatures by a key are made with; `undefined` where the scheme hashes by itself (Ed25519). */
export function signingHash(key: KeyObject): SignatureHash | undefined {
  if (key.asymmetricKeyType === "ed25519") return undefined;
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (curve === "secp384r1") return "sha384";
  return curve === "secp521r1" ? "sha512" : "sha256";
}

/** How a signature holds: by which hash; absent where the scheme hashes by itself. */
export interface SignatureMatch {
  readonly hash?: SignatureHash;
}

/**
 * How a signature by this key over these bytes holds; `undefined` where it does not. ECDSA on the larger curves is tried
 * with SHA-256 too, as older tools made it, and as two numbers of the curve's length beside DER, as sigstore's verifier
 * takes both.
 */
export function matchSignature(key: KeyObject, content: Uint8Array, signature: Uint8Array): SignatureMatch | undefined {
  const hash = signingHash(key);
  const older: SignatureHash = "sha256";
  const hashes = hash === "sha384" || hash === "sha512" ? [hash, older] : [hash];
  for (const tried of hashes) {
    if (encodingsOf(key, signature).some((encoding) => holds(encoding, { hash: tried, content, signature })))
      return tried === undefined ? {} : { hash: tried };
  }
  return undefined;
}

const bothNumbersBytes: Readonly<Record<string, number>> = { prime256v1: 64, secp384r1: 96, secp521r1: 132 };

function encodingsOf(key: KeyObject, { length }: Uint8Array): readonly (KeyObject | VerifyKeyObjectInput)[] {
  const plain = length === bothNumbersBytes[key.asymmetricKeyDetails?.namedCurve ?? ""];
  return plain ? [key, { key, dsaEncoding: "ieee-p1363" }] : [key];
}

interface SignedBytes {
  readonly hash: SignatureHash | undefined;
  readonly content: Uint8Array;
  readonly signature: Uint8Array;
}

function holds(key: KeyObject | VerifyKeyObjectInput, { hash, content, signature }: SignedBytes): boolean {
  try {
    return verify(hash, content, key, signature);
  } catch {
    // OpenSSL throws for signatures that are not even of the right shape.
    return false;
  }
}
