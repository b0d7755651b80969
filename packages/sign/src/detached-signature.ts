import { Decoder, digestOf, ScError } from "@sc/model";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { payloadContent } from "./layer-material.ts";
import { checkSignerPolicy, type SignerPolicy } from "./policy.ts";
import { layerAnnotations } from "./storage/tag.ts";
import { parseStrictJson } from "./strict-json.ts";
import { createVerifiedBundle, type VerifiedBundle } from "./verified-bundle.ts";
import { verifySigned } from "./verify-signed.ts";

/** A signature over a file's bytes that stands beside it, in a form older than bundles. Nothing in it is verified. */
export interface DetachedSignature {
  readonly signature: Uint8Array;
  /** PEM of the certificate of who signed by identity. */
  readonly certificate?: string;
  /** JSON of the log's entry with its promise, as Rekor gives it. */
  readonly logEntry?: string;
}

/**
 * The signature in the local bundle of `cosign sign-blob --bundle` up to version 2: `base64Signature`, `cert`,
 * `rekorBundle`; `undefined` for a document of another form. A public key in place of the certificate is not read:
 * whose key counts is the verifier's to say (GHSA-fx35-mq7g-6g98). Throws `BUNDLE_INVALID`.
 */
export function decodeLocalBundle(bytes: Uint8Array, where: string): DetachedSignature | undefined {
  try {
    const value = parseStrictJson(bytes, where);
    if (typeof value !== "object" || value === null || !("base64Signature" in value)) return undefined;
    const document = new Decoder(value, where);
    const signature = decodeBase64(document.member("base64Signature").string(), where);
    const cert = document.member("cert");
    const pem = cert.absent ? "" : Buffer.from(decodeBase64(cert.string(), cert.path)).toString();
    const entry = document.member("rekorBundle");
    return {
      signature,
      ...(pem.includes("-----BEGIN CERTIFICATE-----") ? { certificate: pem } : {}),
      ...(entry.absent ? {} : { logEntry: JSON.stringify(entry.value) }),
    };
  } catch (cause) {
    const message = cause instanceof ScError ? cause.message : `${where}: cannot be read`;
    throw new ScError("BUNDLE_INVALID", message, { cause });
  }
}

/** The bytes of a signature file: base64 as cosign and most tools write it, else the signature itself. */
export function decodeSignatureFile(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1").trim();
  return /^[A-Za-z0-9+/]{8,}={0,2}$/.test(text) && text.length % 4 === 0 ? Buffer.from(text, "base64") : bytes;
}

/**
 * Verifies a file's signature that stands beside it, by the policy and without any network. Throws what `verifyBundle`
 * throws.
 */
export function verifyBlobSignature(
  detached: DetachedSignature,
  blob: Uint8Array,
  policy: SignerPolicy,
): VerifiedBundle {
  checkSignerPolicy(policy);
  const { signature, certificate, logEntry } = detached;
  const layer = {
    mediaType: "application/octet-stream",
    digest: digestOf(blob),
    size: blob.length,
    annotations: {
      [layerAnnotations.signature]: encodeBase64(signature),
      ...(certificate === undefined ? {} : { [layerAnnotations.certificate]: certificate }),
      ...(logEntry === undefined ? {} : { [layerAnnotations.logEntry]: logEntry }),
    },
  };
  const content = payloadContent(layer, blob, "signature");
  return createVerifiedBundle({ facts: verifySigned(content, policy, "signature") });
}
