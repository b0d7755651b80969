import type { TransparencyLogEntry } from "@sigstore/bundle";
import { Decoder, parseJson, ScError } from "@sc/model";
import { decodeBase64 } from "./base64.ts";

/**
 * Checks that a log entry is of the kind it says and was made with the key or certificate in hand: the verifier below
 * compares signature and digest of the entry, not who made it (CVE-2026-22703). `keys` are DER. Throws
 * `TRANSPARENCY_LOG_INVALID`.
 */
export function checkLogEntry(entry: TransparencyLogEntry, keys: readonly Uint8Array[], where: string): void {
  try {
    const body = new Decoder(parseJson(entry.canonicalizedBody, `${where}, log entry`), `${where}, log entry`);
    const kind = body.member("kind").string();
    const version = body.member("apiVersion").string();
    if (kind !== entry.kindVersion.kind || version !== entry.kindVersion.version) {
      throw body.wrong(`an entry of kind ${JSON.stringify(entry.kindVersion.kind.slice(0, 40))}`);
    }
    const made = entryKey(body, `${kind} ${version}`);
    if (!keys.some((key) => Buffer.from(key).equals(made))) throw body.wrong("the signature's own key or certificate");
  } catch (cause) {
    const message = cause instanceof ScError ? cause.message : `${where}: the log entry cannot be read`;
    throw new ScError("TRANSPARENCY_LOG_INVALID", message, { cause });
  }
}

function entryKey(body: Decoder, kind: string): Uint8Array {
  const spec = body.member("spec");
  switch (kind) {
    case "hashedrekord 0.0.1":
      return pemBytes(spec.member("signature").member("publicKey").member("content"));
    case "dsse 0.0.1":
      return pemBytes(only(spec.member("signatures")).member("verifier"));
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
