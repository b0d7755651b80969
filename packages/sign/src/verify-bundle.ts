import { createHash } from "node:crypto";
import type { Bundle } from "@sigstore/bundle";
import { type Digest, digestOf, ScError } from "@sc/model";
import { decodeBundle } from "./bundle.ts";
import { checkSignerPolicy, type SignerPolicy } from "./policy.ts";
import { decodeEnvelope, envelopeMediaType } from "./envelope.ts";
import { envelopeContent } from "./layer-material.ts";
import type { SignatureFacts } from "./signature-facts.ts";
import { findNamedSubject, findSubject, type NamedDigest, type Statement } from "./statement.ts";
import { createVerifiedBundle, type VerifiedBundle } from "./verified-bundle.ts";
import { verifySigned } from "./verify-signed.ts";
import { statementIn, verifyStatementBundle } from "./verify-statement-bundle.ts";

/** What a bundle must be about: a file's bytes, or the digest that a statement must name, of whatever algorithm. */
export type BundleSubject =
  | { readonly bytes: Uint8Array }
  | { readonly digest: Digest }
  | { readonly named: NamedDigest };

/**
 * Verifies a bundle about a file or a digest, by the policy and without any network. A bare envelope is one too where
 * keys are accepted, whose time nobody asks for: nothing in it could prove when a certificate was used. Throws the
 * reason it is refused: `BUNDLE_INVALID`, `ENVELOPE_INVALID`, `SIGNATURE_MISMATCH`, `SUBJECT_MISMATCH` and the others of `verifySigned`; `POLICY_INVALID`.
 */
export function verifyBundle(bytes: Uint8Array, subject: BundleSubject, policy: SignerPolicy): VerifiedBundle {
  checkSignerPolicy(policy);
  if (policy.keys !== undefined && isBareEnvelope(bytes)) return verifyEnvelope(bytes, subject, policy);
  const decoded = decodeBundle(bytes, "bundle");
  if (decoded.bundle.content.$case === "dsseEnvelope")
    return aboutSubject(verifyStatementBundle(decoded, { policy }, "bundle"), subject);
  if (!("bytes" in subject)) {
    throw new ScError("BUNDLE_INVALID", "bundle: signs a file's bytes, and only a digest was given");
  }
  checkMessageDigest(decoded.bundle, subject.bytes);
  const content = { bundle: decoded.bundle, payload: subject.bytes, signedBytes: subject.bytes };
  return createVerifiedBundle({ facts: verifySigned(content, policy, "bundle") });
}

function aboutSubject(
  { facts, statement }: { readonly facts: SignatureFacts; readonly statement: Statement },
  subject: BundleSubject,
): VerifiedBundle {
  if ("named" in subject) findNamedSubject(statement, subject.named, "bundle");
  else findSubject(statement, "digest" in subject ? subject.digest : digestOf(subject.bytes), "bundle");
  return createVerifiedBundle({ facts: { ...facts, checks: [...facts.checks, "subject"] }, statement });
}

function verifyEnvelope(bytes: Uint8Array, subject: BundleSubject, policy: SignerPolicy): VerifiedBundle {
  const envelope = decodeEnvelope(bytes, "envelope");
  const layer = { mediaType: envelopeMediaType, digest: digestOf(bytes), size: bytes.length };
  const facts = verifySigned(envelopeContent(layer, { ...envelope, bytes }, "envelope"), policy, "envelope");
  return aboutSubject({ facts, statement: statementIn(envelope, "envelope") }, subject);
}

// Told without reading it twice: every bundle names its media type, and no envelope has room for such a text.
function isBareEnvelope(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return text.includes('"payloadType"') && !text.includes('"mediaType"');
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
