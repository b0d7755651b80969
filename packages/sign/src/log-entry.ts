import type { TransparencyLogEntry } from "@sigstore/bundle";
import type { TrustMaterial } from "@sigstore/verify";
import { Decoder, parseJson, ScError, withoutTrailing } from "@sc/model";
import { decodeBase64 } from "./base64.ts";

/** What an entry must belong to. */
export interface EntryOwner {
  /** The key or certificate that signed, DER. */
  readonly key: Uint8Array;
  /** The logs that are believed. */
  readonly logs: TrustMaterial["tlogs"];
  /** The proven times of the signature. */
  readonly times: readonly Date[];
}

/**
 * Checks that a log entry is of the kind it says and was made with the key or certificate in hand: the verifier below
 * compares signature and digest of the entry, not who made it (CVE-2026-22703). Its checkpoint must be that of the log
 * it names, also where two logs have one key. Throws `TRANSPARENCY_LOG_INVALID`.
 */
export function checkLogEntry(entry: TransparencyLogEntry, owner: EntryOwner, where: string): void {
  const { key, logs } = owner;
  try {
    checkOrigin(entry, logs, where);
    checkPeriod(entry, owner, where);
    const body = new Decoder(parseJson(entry.canonicalizedBody, `${where}, log entry`), `${where}, log entry`);
    const kind = body.member("kind").string();
    const version = body.member("apiVersion").string();
    if (kind !== entry.kindVersion.kind || version !== entry.kindVersion.version) {
      throw body.wrong(`an entry of kind ${JSON.stringify(entry.kindVersion.kind.slice(0, 40))}`);
    }
    const made = entryKey(body, `${kind} ${version}`);
    if (!Buffer.from(key).equals(made)) throw body.wrong("the signature's own key or certificate");
  } catch (cause) {
    const message = cause instanceof ScError ? cause.message : `${where}: the log entry cannot be read`;
    throw new ScError("TRANSPARENCY_LOG_INVALID", message, { cause });
  }
}

// The first line of a checkpoint names its log: the host, with the path where there is one. Rekor v1 adds the tree.
function checkOrigin({ inclusionProof, logId }: TransparencyLogEntry, logs: EntryOwner["logs"], where: string): void {
  const checkpoint = inclusionProof?.checkpoint;
  if (checkpoint === undefined) return;
  const [origin = ""] = checkpoint.envelope.split("\n", 1);
  const name = origin.replace(/ - \d+$/, "");
  const named = logs.some(({ logID, baseURL }) => logID.equals(logId.keyId) && isNameOf(name, baseURL));
  if (named) return;
  throw new ScError("TRANSPARENCY_LOG_INVALID", `${where}: the checkpoint is another log's`, {
    facts: { origin: JSON.stringify(origin.slice(0, 200)) },
  });
}

// The promise of Rekor v1 is checked with the time it states; a proof alone has none, and a log that was closed, or
// whose key was given up, vouches for nothing that was signed afterwards.
function checkPeriod({ logId, inclusionPromise }: TransparencyLogEntry, owner: EntryOwner, where: string): void {
  const { logs, times } = owner;
  if (inclusionPromise !== undefined || times.length === 0) return;
  const during = logs.some(
    ({ logID, validFor: { start, end } }) =>
      logID.equals(logId.keyId) && times.some((time) => start <= time && time <= end),
  );
  if (during) return;
  throw new ScError("TRANSPARENCY_LOG_INVALID", `${where}: signed when the log it is in did not count`);
}

function isNameOf(name: string, baseUrl: string): boolean {
  if (!URL.canParse(baseUrl)) return name === baseUrl;
  // A log is named without the port it is reached by, as sigstore-go reads it, or with it.
  const { host, hostname, pathname } = new URL(baseUrl);
  const path = withoutTrailing(pathname, "/");
  return [host, hostname].some((one) => name === one || name === `${one}${path}`);
}

function entryKey(body: Decoder, kind: string): Uint8Array {
  const spec = body.member("spec");
  switch (kind) {
    case "hashedrekord 0.0.1":
      return pemBytes(spec.member("signature").member("publicKey").member("content"));
    case "dsse 0.0.1":
      return pemBytes(only(spec.member("signatures")).member("verifier"));
    case "intoto 0.0.1":
      return pemBytes(spec.member("publicKey"));
    case "intoto 0.0.2":
      return pemBytes(only(spec.member("content").member("envelope").member("signatures")).member("publicKey"));
    case "hashedrekord 0.0.2":
      return rawBytes(spec.member("hashedRekordV002").member("signature").member("verifier"));
    case "dsse 0.0.2":
      return rawBytes(only(spec.member("dsseV002").member("signatures")).member("verifier"));
    default:
      throw body.wrong("a kind of entry that is known");
  }
}

function only(list: Decoder): Decoder {
  const [element, second] = list.array();
  if (element === undefined || second !== undefined) throw list.wrong("one signature");
  return element;
}

// Rekor v1 holds the PEM of the key or certificate, in base64.
function pemBytes(at: Decoder): Uint8Array {
  const pem = Buffer.from(decodeBase64(at.string(), at.path)).toString("latin1");
  const body = /-----BEGIN [^-]+-----([^-]+)-----END/.exec(pem)?.[1];
  if (body === undefined) throw at.wrong("PEM");
  return decodeBase64(body.replaceAll(/\s/g, ""), at.path);
}

function rawBytes(verifier: Decoder): Uint8Array {
  const holder = verifier.member(verifier.member("x509Certificate").absent ? "publicKey" : "x509Certificate");
  const raw = holder.member("rawBytes");
  return decodeBase64(raw.string(), raw.path);
}
