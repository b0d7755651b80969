import { Decoder, type JsonObject, ScError } from "@sc/model";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { parseStrictJson } from "./strict-json.ts";

/** The media type of an envelope that stands alone. */
export const envelopeMediaType = "application/vnd.dsse.envelope.v1+json";

/**
 * A DSSE envelope with its one signature.
 *
 * @see https://github.com/secure-systems-lab/dsse/blob/master/envelope.md
 */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** A hint, not authenticated; empty when there is none. */
  readonly keyId: string;
}

/**
 * The bytes that an envelope's signature is over.
 *
 * @see https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, "utf8");
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}

/** The JSON form of an envelope. */
export function encodeEnvelope(envelope: Envelope): JsonObject {
  return {
    payload: encodeBase64(envelope.payload),
    payloadType: envelope.payloadType,
    signatures: [{ sig: encodeBase64(envelope.signature), keyid: envelope.keyId }],
  };
}

/** The envelope that a document is. Throws `ENVELOPE_INVALID`: exactly one signature is allowed. */
export function decodeEnvelope(bytes: Uint8Array, where: string): Envelope {
  try {
    return decodeEnvelopeValue(new Decoder(parseStrictJson(bytes, where), where));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : where;
    throw new ScError("ENVELOPE_INVALID", message, { cause });
  }
}

/** The envelope at a place of a larger document. Throws `DECODE_FAILED`, `BASE64_INVALID`. */
export function decodeEnvelopeValue(document: Decoder): Envelope {
  const signatures = document.member("signatures").array();
  const [signature] = signatures;
  if (signature === undefined || signatures.length > 1)
    throw document.member("signatures").wrong("exactly one signature");
  const payload = document.member("payload");
  const sig = signature.member("sig");
  return {
    payloadType: document.member("payloadType").string(),
    payload: decodeBase64(payload.string(), payload.path),
    signature: decodeBase64(sig.string(), sig.path),
    keyId: signature.member("keyid").optional((present) => present.string()) ?? "",
  };
}
