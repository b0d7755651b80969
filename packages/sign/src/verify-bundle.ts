import { createHash } from "node:crypto";
import type { Bundle } from "@sigstore/bundle";
import { type Digest, digestOf, ScError } from "@sc/model";
import { decodeBundle } from "./bundle.ts";
import { checkSignerPolicy, type SignerPolicy } from "./policy.ts";
import { findSubject } from "./statement.ts";
import { createVerifiedBundle, type VerifiedBundle } from "./verified-bundle.ts";
import { verifySigned } from "./verify-signed.ts";
import { verifyStatementBundle } from "./verify-statement-bundle.ts";

/** What a bundle must be about: a file's bytes, or the digest that a statement must name. */
export type BundleSubject = { readonly bytes: Uint8Array } | { readonly digest: Digest };

/**
 * Verifies a bundle about a file or a digest, by the policy and without any network. Throws the reason it is refused:
 * `BUNDLE_INVALID`, `SIGNATURE_MISMATCH`, `SUBJECT_MISMATCH` and the others of `verifySigned`; `POLICY_INVALID`.
 */
export function verifyBundle(bytes: Uint8Array, subject: BundleSubject, policy: SignerPolicy): VerifiedBundle {
  checkSignerPolicy(policy);
  const decoded = decodeBundle(bytes, "bundle");
  if (decoded.bundle.content.$case === "dsseEnvelope") {
    const { statement, facts } = verifyStatementBundle(decoded, { policy }, "bundle");
    findSubject(statement, "digest" in subject ? subject.digest : digestOf(subject.bytes), "bundle");
    return createVerifiedBundle({ facts: { ...facts, checks: [...facts.checks, "subject"] }, statement });
  }
  if (!("bytes" in subject)) {
    throw new ScError("BUNDLE_INVALID", "bundle: signs a file's bytes, and only a digest was given");
  }
  checkMessageDigest(decoded.bundle, subject.bytes);
  const content = { bundle: decoded.bundle, payload: subject.bytes, signedBytes: subject.bytes };
  return createVerifiedBundle({ facts: verifySigned(content, policy, "bundle") });
}

const hashByLength: Readonly<Record<number, string>> = { 32: "sha256", 48: "sha384", 64: "sha512" };

// The digest in a message bundle is not signed; one that is wrong is still a sign of a mixed-up bundle.
function checkMessageDigest(bundle: Bundle, bytes: Uint8Array): void {
  if (bundle.content.$case !== "messageSignature") return;
  const { digest } = bundle.content.messageSignature.messageDigest;
  const hash = hashByLength[digest.length];
  if (hash !== undefined && createHash(hash).update(bytes).digest().equals(digest)) return;
  throw new ScError("SUBJECT_MISMATCH", "bundle: is for another file", {
    facts: {
      file: digestOf(bytes),
      signed: `${hash === undefined ? "" : `${hash}:`}${digest.toString("hex").slice(0, 128)}`,
    },
    hint: "Either the file was changed after it was signed, or the bundle is another file's.",
  });
}
