import { createHash, hash as hashOf, type Hash } from "node:crypto";
import { ScError } from "./error.ts";

/** The hash algorithms that the OCI image specification registers and that this project verifies. */
export const digestAlgorithms = ["sha256", "sha384", "sha512"] as const;

/** A hash algorithm that may stand in a digest. */
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

/**
 * A content digest, `<algorithm>:<lower-case hex>`, checked for length and alphabet.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests
 */
export type Digest = `${DigestAlgorithm}:${string}`;

const hexLength: Readonly<Record<DigestAlgorithm, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** Whether a value is a well-formed digest of a known algorithm. */
export function isDigest(value: unknown): value is Digest {
  if (typeof value !== "string") return false;
  const colon = value.indexOf(":");
  const algorithm = digestAlgorithms.find((known) => known === value.slice(0, colon));
  if (algorithm === undefined) return false;
  const hex = value.slice(colon + 1);
  return hex.length === hexLength[algorithm] && /^[0-9a-f]+$/.test(hex);
}

/** The digest that a text is. Throws `DIGEST_INVALID`, naming `where` the text was read. */
export function parseDigest(text: string, where: string): Digest {
  if (isDigest(text)) return text;
  throw new ScError("DIGEST_INVALID", `${where}: ${JSON.stringify(text.slice(0, 200))} is not a digest`, {
    hint: "Write a digest as sha256: followed by 64 lower-case hexadecimal digits.",
  });
}

/** The algorithm of a digest. */
export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  const algorithm = digestAlgorithms.find((known) => digest.startsWith(`${known}:`));
  if (algorithm === undefined) throw new ScError("DIGEST_INVALID", `${JSON.stringify(digest)} is not a digest`);
  return algorithm;
}

/** The hexadecimal part of a digest. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(":") + 1);
}

/** A digest that is fed piece by piece, for bytes that stream. */
export interface DigestStream {
  /** Adds bytes. */
  update(bytes: Uint8Array): void;
  /** The digest of all bytes added; may be called once. */
  finish(): Digest;
}

/** A running digest by the given algorithm. */
export function createDigest(algorithm: DigestAlgorithm = "sha256"): DigestStream {
  const hash: Hash = createHash(algorithm);
  return {
    update(bytes: Uint8Array): void {
      hash.update(bytes);
    },
    finish(): Digest {
      return `${algorithm}:${hash.digest("hex")}`;
    },
  };
}

/** The digest of bytes that are all at hand. */
export function digestOf(bytes: Uint8Array | string, algorithm: DigestAlgorithm = "sha256"): Digest {
  return `${algorithm}:${hashOf(algorithm, bytes, "hex")}`;
}

/** A digest cut for people: the algorithm and the first twelve hexadecimal digits. */
export function shortDigest(digest: Digest): string {
  return `${digestAlgorithm(digest)}:${digestHex(digest).slice(0, 12)}`;
}
