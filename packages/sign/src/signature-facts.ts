import type { CertificateIdentity } from "./certificate.ts";

/** One thing that was checked and held. */
export type Check = "signature" | "certificate" | "identity" | "transparency-log" | "timestamp" | "subject" | "type";

/** By whom a signature was found to be. */
export type VerifiedSigner =
  | { readonly kind: "key"; readonly keyId: string }
  | ({ readonly kind: "identity" } & CertificateIdentity);

/** What was found out about a signature that holds. */
export interface SignatureFacts {
  readonly signer: VerifiedSigner;
  /** The earliest proven time, RFC 3339; absent when nothing proves one. */
  readonly signedAt?: string;
  /** The entries in transparency logs, proven. */
  readonly logEntries: readonly { readonly logId: string; readonly logIndex: string }[];
  readonly checks: readonly Check[];
}
