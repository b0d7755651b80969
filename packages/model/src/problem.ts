import type { Digest } from "./digest.ts";

/**
 * Something wrong inside the scanned image: data that travels with the result, never an exception.
 *
 * What is wrong with trust, I/O or arguments is thrown instead.
 */
export interface Problem {
  readonly kind: "problem";
  /** SCREAMING_SNAKE, stable: RECORD_MALFORMED, FILE_TOO_LARGE, DIFF_ID_MISMATCH … */
  readonly code: string;
  /** What is wrong, in one sentence; outside text only through `JSON.stringify`. */
  readonly message: string;
  /** The file inside the image, without a leading slash. */
  readonly path?: string;
  /** The layer, by the digest of its descriptor. */
  readonly layer?: Digest;
  /** The cataloger that met it. */
  readonly cataloger?: string;
  /** Set when the inventory misses something because of it: a limit was hit or a database could not be read. */
  readonly incomplete?: true;
}
