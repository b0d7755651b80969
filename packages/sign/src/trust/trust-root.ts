import { X509Certificate } from "node:crypto";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toTrustMaterial } from "@sigstore/verify";
import { Decoder, parseJson, ScError } from "@sc/model";
import { keepMaterial } from "./trust-material.ts";

/** The authorities whose certificates, logs and timestamps are believed. Only what `decodeTrustRoot` made is one. */
export interface TrustRoot {
  /** Where it came from, for people. */
  readonly description: string;
  /** Who runs them, in the order of the document; all that do not say count as one. */
  readonly operators: {
    readonly logs: readonly string[];
    readonly timestampAuthorities: readonly string[];
  };
}

const mediaTypes: ReadonlySet<string> = new Set([
  "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
  "application/vnd.dev.sigstore.trustedroot.v0.1+json",
  "application/vnd.dev.sigstore.trustedroot.v0.2+json",
]);

/**
 * The trust root that a `trusted_root.json` is. Throws `TRUSTED_ROOT_INVALID`.
 *
 * A log or authority without the start of its validity is refused: reading it as "always" would widen trust.
 */
export function decodeTrustRoot(bytes: Uint8Array, description: string): TrustRoot {
  try {
    const value = parseJson(bytes, description);
    const document = new Decoder(value, description);
    const mediaType = document.member("mediaType");
    if (!mediaTypes.has(mediaType.string())) throw mediaType.wrong("a trusted root");
    for (const name of ["tlogs", "ctlogs"]) {
      for (const log of list(document.member(name))) requireStart(log.member("publicKey").member("validFor"));
    }
    for (const name of ["certificateAuthorities", "timestampAuthorities"]) {
      for (const authority of list(document.member(name))) requireStart(authority.member("validFor"));
    }
    const root = TrustedRoot.fromJSON(value);
    for (const { certChain } of root.timestampAuthorities) checkTimestamper(certChain?.certificates[0], document);
    const operators = {
      logs: root.tlogs.map(({ operator }) => operator),
      timestampAuthorities: root.timestampAuthorities.map(({ operator }) => operator),
    };
    return keepMaterial({ description, operators }, toTrustMaterial(root));
  } catch (cause) {
    const message = cause instanceof ScError ? cause.message : `${description}: an authority in it cannot be read`;
    throw new ScError("TRUSTED_ROOT_INVALID", message, { cause });
  }
}

const timeStamping = "1.3.6.1.5.5.7.3.8";

// A certificate that may do more than timestamps would let whoever holds it for the other purpose set the time.
function checkTimestamper(leaf: { readonly rawBytes: Uint8Array } | undefined, document: Decoder): void {
  if (leaf === undefined) return;
  const usages = new X509Certificate(leaf.rawBytes).keyUsage ?? [];
  if (usages.length === 1 && usages[0] === timeStamping) return;
  throw document.member("timestampAuthorities").wrong("certificates for timestamps and nothing else");
}

function list(decoder: Decoder): readonly Decoder[] {
  return decoder.absent ? [] : decoder.array();
}

function requireStart(validFor: Decoder): void {
  const start = validFor.member("start");
  if (Number.isNaN(Date.parse(start.string()))) throw start.wrong("a date");
}
