import type { Bundle, TransparencyLogEntry } from "@sigstore/bundle";
import { HashAlgorithm } from "@sigstore/protobuf-specs";
import { Decoder, type Descriptor, parseJson, ScError } from "@sc/model";
import { createHash } from "node:crypto";
import { decodeBase64 } from "./base64.ts";
import { type Envelope, preAuthEncoding } from "./envelope.ts";
import { signLimits } from "./limits.ts";
import { layerAnnotations } from "./storage/tag.ts";
import type { SignedContent } from "./signed-entity.ts";

/** A signature over a layer's own bytes, which its annotations hold. Throws `BUNDLE_INVALID`. */
export function payloadContent(layer: Descriptor, bytes: Uint8Array, where: string): SignedContent {
  return decoding(where, () => {
    const text = annotation(layer, layerAnnotations.signature);
    if (text === undefined || text === "") throw new ScError("BUNDLE_INVALID", `${where}: carries no signature`);
    const content: Bundle["content"] = {
      $case: "messageSignature",
      messageSignature: {
        messageDigest: { algorithm: HashAlgorithm.SHA2_256, digest: createHash("sha256").update(bytes).digest() },
        signature: Buffer.from(decodeBase64(text, where)),
      },
    };
    return { bundle: bundleOf(content, material(layer, where)), payload: bytes, signedBytes: bytes };
  });
}

/** An envelope as a layer, with what its annotations say of who signed it. Throws `BUNDLE_INVALID`. */
export function envelopeContent(
  layer: Descriptor,
  { bytes, ...envelope }: Envelope & { readonly bytes: Uint8Array },
  where: string,
): SignedContent {
  return decoding(where, () => {
    const { payload, payloadType, signature, keyId } = envelope;
    const content: Bundle["content"] = {
      $case: "dsseEnvelope",
      dsseEnvelope: {
        payload: Buffer.from(payload),
        payloadType,
        signatures: [{ sig: Buffer.from(signature), keyid: keyId }],
      },
    };
    // Timestamps of this form are over the whole envelope and not read: the log's promise proves the time.
    const found = { ...material(layer, where), timestampVerificationData: { rfc3161Timestamps: [] } };
    return {
      bundle: bundleOf(content, found),
      payload,
      signedBytes: preAuthEncoding(payloadType, payload),
      envelope: bytes,
    };
  });
}

function decoding(where: string, read: () => SignedContent): SignedContent {
  try {
    return read();
  } catch (cause) {
    const message = cause instanceof ScError ? cause.message : `${where}: cannot be read`;
    throw new ScError("BUNDLE_INVALID", message, { cause });
  }
}

function bundleOf(content: Bundle["content"], verificationMaterial: Bundle["verificationMaterial"]): Bundle {
  return { mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.1", content, verificationMaterial };
}

function annotation(layer: Descriptor, name: string): string | undefined {
  const annotations = layer.annotations ?? {};
  return Object.hasOwn(annotations, name) ? annotations[name] : undefined;
}

function material(layer: Descriptor, where: string): Bundle["verificationMaterial"] {
  const pem = annotation(layer, layerAnnotations.certificate)?.trim() ?? "";
  const timestamp = annotation(layer, layerAnnotations.timestamp);
  const entry = annotation(layer, layerAnnotations.logEntry);
  return {
    // The chain beside the certificate is not read: authorities come from the trust root alone.
    content:
      pem === ""
        ? { $case: "publicKey", publicKey: { hint: "" } }
        : {
            $case: "x509CertificateChain",
            x509CertificateChain: { certificates: [{ rawBytes: certificate(pem, where) }] },
          },
    tlogEntries: entry === undefined || entry.trim() === "" ? [] : [logEntry(entry, where)],
    timestampVerificationData: {
      rfc3161Timestamps:
        timestamp === undefined || timestamp.trim() === ""
          ? []
          : [{ signedTimestamp: signedTimestamp(timestamp, where) }],
    },
  };
}

function certificate(pem: string, where: string): Buffer {
  const blocks = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)];
  const body = blocks[0]?.[1];
  if (body === undefined || blocks.length > 1 || pem.length > signLimits.maxKeyFileBytes) {
    throw new ScError("BUNDLE_INVALID", `${where}: wanted one certificate in PEM`);
  }
  return Buffer.from(decodeBase64(body.replaceAll(/\s/g, ""), where));
}

function signedTimestamp(text: string, where: string): Buffer {
  const at = new Decoder(parseJson(text, where), where).member("SignedRFC3161Timestamp");
  return Buffer.from(decodeBase64(at.string(), at.path));
}

// Rekor's own bundle: the entry and the log's promise to include it, without a proof.
function logEntry(text: string, where: string): TransparencyLogEntry {
  const document = new Decoder(parseJson(text, where), where);
  const payload = document.member("Payload");
  const body = Buffer.from(decodeBase64(payload.member("body").string(), payload.member("body").path));
  const entry = new Decoder(parseJson(body, where), where);
  const logId = payload.member("logID").string();
  if (!/^[0-9a-f]{64}$/.test(logId)) throw payload.member("logID").wrong("64 hexadecimal digits");
  const promise = document.member("SignedEntryTimestamp");
  return {
    logIndex: String(payload.member("logIndex").count()),
    logId: { keyId: Buffer.from(logId, "hex") },
    kindVersion: { kind: entry.member("kind").string(), version: entry.member("apiVersion").string() },
    integratedTime: String(payload.member("integratedTime").count()),
    inclusionPromise: { signedEntryTimestamp: Buffer.from(decodeBase64(promise.string(), promise.path)) },
    inclusionProof: undefined,
    canonicalizedBody: body,
  };
}
