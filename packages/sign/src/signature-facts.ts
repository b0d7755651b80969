import type { CertificateIdentity } from "./certificate.ts";
import type { SignatureHash } from "./public-key.ts";

/** One thing that was checked and held. */
export type Check = "signature" | "certificate" | "identity" | "transparency-log" | "timestamp" | "subject" | "type";

/** By whom a signature was found to be. */
export type VerifiedSigner =
  | { readonly kind: "key"; readonly keyId: string }
  | ({ readonly kind: "identity" } & CertificateIdentity);

/** An entry in a transparency log that was proven. */
export interface ProvenLogEntry {
  readonly logId: string;
  readonly logIndex: string;
  /** What kind of entry it is, and of which version: `hashedrekord` `0.0.1`. */
  readonly kind: string;
  readonly kindVersion: string;
  /** The version of the log's interface: of 2 are the entries that promise no time. */
  readonly logVersion: 1 | 2;
}

/** What was found out about a signature that holds. */
export interface SignatureFacts {
  readonly signer: VerifiedSigner;
  /** The hash that was signed; absent for Ed25519, which has none of its own. */
  readonly hash?: SignatureHash;
  /** The earliest proven time, RFC 3339; absent when nothing proves one. */
  readonly signedAt?: string;
  /** The entries in transparency logs, proven. */
  readonly logEntries: readonly ProvenLogEntry[];
  readonly checks: readonly Check[];
}
