import { createHash } from "node:crypto";
import { type Call, digestOf, type JsonObject, ScError } from "@sc/model";
import { signStatement } from "./attach.ts";
import { encodeBundle } from "./bundle.ts";
import { decodeLocalBundle, verifyBlobSignature } from "./detached-signature.ts";
import { signingHash } from "./public-key.ts";
import { resolvePredicateType } from "./resolve-predicate-type.ts";
import type { Signature, Signer } from "./signer.ts";
import { encodeStatement, statementMediaType } from "./statement.ts";
import type { VerifiedBundle } from "./verified-bundle.ts";
import { type BundleSubject, verifyBundle } from "./verify-bundle.ts";
import type { SignerPolicy } from "./policy.ts";
import { collectTestimony } from "./witness.ts";

/** The name of the bundle beside a file that clients look for first. */
export const blobBundleSuffix = ".sigstore.json";

/**
 * Signs a file's bytes and returns the bundle to keep beside it, as `cosign sign-blob --bundle` writes it. Throws what
 * the signer and its witnesses throw.
 */
export async function signBlob(blob: Uint8Array, signer: Signer, call: Call = {}): Promise<Uint8Array> {
  const signature = await signer.sign(blob, call);
  const testimony = await collectTestimony(signer.witnesses ?? [], { signedBytes: blob, signature }, call);
  const hash = hashOf(signature);
  const signed = {
    digest: createHash(hash).update(blob).digest(),
    algorithm: hashNames[hash],
    signature: signature.bytes,
  };
  return encodeBundle({ signed, material: signature.material, testimony });
}

const hashNames = { sha256: "SHA2_256", sha384: "SHA2_384", sha512: "SHA2_512" } as const;

// The digest in the bundle is a hint to what was signed; it is made as the signature makes it.
function hashOf({ material }: Signature): keyof typeof hashNames {
  return material.kind === "key" ? (signingHash(material.publicKey.key) ?? "sha256") : "sha256";
}

/** What is attested about a file. */
export interface AttestBlobOptions extends Call {
  /** The name of a predicate type or its URI. */
  readonly type: string;
  readonly predicate: JsonObject | string;
  /** The file's name, as the statement gives it. */
  readonly name?: string;
}

/** Attests a predicate about a file and returns the bundle. Throws `PREDICATE_INVALID` and what the signer throws. */
export async function attestBlob(blob: Uint8Array, signer: Signer, options: AttestBlobOptions): Promise<Uint8Array> {
  const { type, predicate, name, signal, onProgress } = options;
  const predicateType = resolvePredicateType(type).uri;
  const subject = digestOf(blob);
  const statement = encodeStatement({ subject, predicateType, predicate, ...(name === undefined ? {} : { name }) });
  const { payload, signature, testimony } = await signStatement(statement, signer, { signal, onProgress });
  const envelope = { payloadType: statementMediaType, payload, signature: signature.bytes };
  return encodeBundle({ signed: { envelope }, material: signature.material, testimony });
}

/**
 * Verifies a file's signature, in a bundle or in the local bundle of cosign up to version 2. A statement about the file
 * is none, whatever it says: `verifyBlobAttestation` is for those. Throws what `verifyBundle` throws, and
 * `PREDICATE_TYPE_MISMATCH`.
 */
export function verifyBlob(bundle: Uint8Array, blob: Uint8Array, policy: SignerPolicy): VerifiedBundle {
  const detached = decodeLocalBundle(bundle, "bundle");
  if (detached !== undefined) return verifyBlobSignature(detached, blob, policy);
  const verified = verifyBundle(bundle, { bytes: blob }, policy);
  const { statement } = verified;
  if (statement === undefined) return verified;
  throw otherType(statement.predicateType, "a signature of the file itself");
}

/** Who must have attested, and what. */
export interface VerifyBlobAttestationPolicy extends SignerPolicy {
  /** The name of a predicate type or its URI. */
  readonly predicateType: string;
}

/** Verifies a statement about a file, of exactly this type. Throws what `verifyBundle` throws, `PREDICATE_TYPE_MISMATCH`. */
export function verifyBlobAttestation(
  bundle: Uint8Array,
  subject: BundleSubject,
  policy: VerifyBlobAttestationPolicy,
): VerifiedBundle {
  const wanted = resolvePredicateType(policy.predicateType).uri;
  const verified = verifyBundle(bundle, subject, policy);
  const got = verified.statement?.predicateType;
  if (got === wanted) return verified;
  throw otherType(got ?? "a signature without a statement", wanted);
}

function otherType(got: string, wanted: string): ScError {
  return new ScError("PREDICATE_TYPE_MISMATCH", "bundle: is of another type", {
    facts: { type: JSON.stringify(got.slice(0, 200)), wanted },
  });
}
