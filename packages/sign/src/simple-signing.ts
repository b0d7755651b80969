import { Decoder, type Digest, ScError } from "@sc/model";
import { parseStrictJson } from "./strict-json.ts";

/** The media type of a simple-signing payload as a layer. */
export const simpleSigningMediaType = "application/vnd.dev.cosign.simplesigning.v1+json";

const payloadType = "cosign container image signature";

/**
 * What a signature under a `.sig` tag is over.
 *
 * @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
export interface SimpleSigningPayload {
  /** The repository the image was signed under, without a tag. */
  readonly dockerReference: string;
  readonly digest: Digest;
  /** What the signer added; values other than texts are left out. */
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * The payload's bytes, exactly as Go marshals them: no white space, members in the order of the specification,
 * annotations sorted, `<`, `>`, `&` and the line separators escaped, `null` where there are no annotations.
 */
export function encodeSimpleSigning(payload: SimpleSigningPayload): Uint8Array {
  const annotations = Object.entries(payload.annotations).toSorted(([left], [right]) => compareBytes(left, right));
  const optional =
    annotations.length === 0
      ? "null"
      : `{${annotations.map(([name, value]) => `${goString(name)}:${goString(value)}`).join(",")}}`;
  const identity = `{"docker-reference":${goString(payload.dockerReference)}}`;
  const image = `{"docker-manifest-digest":${goString(payload.digest)}}`;
  const critical = `{"identity":${identity},"image":${image},"type":${goString(payloadType)}}`;
  return new TextEncoder().encode(`{"critical":${critical},"optional":${optional}}`);
}

// Go sorts map keys by their UTF-8 bytes, which is not JavaScript's order beyond the basic plane.
function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

// encoding/json with HTML escaping on, which is its default; lone surrogates become U+FFFD there.
function goString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The payload that bytes are. Throws `STATEMENT_INVALID`. */
export function decodeSimpleSigning(bytes: Uint8Array, where: string): SimpleSigningPayload {
  try {
    const document = new Decoder(parseStrictJson(bytes, where), where);
    const critical = document.member("critical");
    const type = critical.member("type");
    if (type.string() !== payloadType) throw type.wrong(JSON.stringify(payloadType));
    const annotations: Record<string, string> = Object.create(null);
    const optional = document.member("optional").optional((present) => present.object()) ?? {};
    for (const [name, value] of Object.entries(optional)) {
      if (typeof value === "string") annotations[name] = value;
    }
    return {
      dockerReference: critical.member("identity").member("docker-reference").string(),
      digest: critical.member("image").member("docker-manifest-digest").digest(),
      annotations,
    };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : where;
    throw new ScError("STATEMENT_INVALID", message, { cause });
  }
}
