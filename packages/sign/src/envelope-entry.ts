import { createHash } from "node:crypto";
import type { TransparencyLogEntry } from "@sigstore/bundle";
import { type SignedEntity, type TrustMaterial, VerificationError } from "@sigstore/verify";
// oxlint-disable-next-line no-restricted-imports -- the verifier's own check of one entry, which its index does not export
import { verifyTLogInclusion } from "@sigstore/verify/dist/tlog/index.js";
import { Decoder, parseJson, ScError } from "@sc/model";

/** The bytes that an older entry must be about. */
export interface EnvelopeContent {
  /** What the envelope says. */
  readonly payload: Uint8Array;
  /** The envelope as it was stored, to the byte; absent where it was not. */
  readonly envelope?: Uint8Array;
}

/**
 * Takes out and verifies the entries that cosign's `.att` tags had for years, intoto 0.0.1, which the library below does
 * not know: the entry holds the hash of the whole envelope, so of the payload and the signature both. Returns the rest,
 * which is the library's to verify. Whose key is in the entry is for `checkLogEntry`. Throws `TRANSPARENCY_LOG_INVALID`.
 */
export function takeEnvelopeEntries(
  entity: SignedEntity,
  content: EnvelopeContent,
  { logs, where }: { readonly logs: TrustMaterial["tlogs"]; readonly where: string },
): SignedEntity {
  const { envelope } = content;
  // A bundle keeps no envelope to the byte: there the library's own refusal is the answer.
  if (envelope === undefined) return entity;
  const older = entity.tlogEntries.filter(isEnvelopeEntry);
  if (older.length === 0) return entity;
  if (older.length > 1) throw invalid(`${where}: ${older.length} log entries for one envelope`);
  for (const entry of older) {
    checkIncluded(entry, logs, where);
    checkHashes(entry, { ...content, envelope }, where);
  }
  return { ...entity, tlogEntries: entity.tlogEntries.filter((entry) => !isEnvelopeEntry(entry)) };
}

function isEnvelopeEntry({ kindVersion }: TransparencyLogEntry): boolean {
  return kindVersion.kind === "intoto" && kindVersion.version === "0.0.1";
}

function checkIncluded(entry: TransparencyLogEntry, logs: TrustMaterial["tlogs"], where: string): void {
  try {
    verifyTLogInclusion(entry, logs);
  } catch (cause) {
    const what = cause instanceof VerificationError ? cause.message.slice(0, 200) : "the log entry cannot be read";
    throw invalid(`${where}: ${what}`, cause);
  }
}

function checkHashes(entry: TransparencyLogEntry, content: Required<EnvelopeContent>, where: string): void {
  const at = `${where}, log entry`;
  const hashed = new Decoder(parseJson(entry.canonicalizedBody, at), at).member("spec").member("content");
  if (!isHashOf(hashed.member("hash"), content.envelope))
    throw invalid(`${where}: the log entry is another envelope's`);
  const payload = hashed.member("payloadHash");
  if (payload.absent || isHashOf(payload, content.payload)) return;
  throw invalid(`${where}: the log entry is another payload's`);
}

function isHashOf(hash: Decoder, bytes: Uint8Array): boolean {
  if (hash.member("algorithm").string() !== "sha256") return false;
  return hash.member("value").string() === createHash("sha256").update(bytes).digest("hex");
}

function invalid(message: string, cause?: unknown): ScError {
  return new ScError("TRANSPARENCY_LOG_INVALID", message, cause === undefined ? {} : { cause });
}
