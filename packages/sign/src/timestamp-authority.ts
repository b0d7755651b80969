import { createHash, randomInt } from "node:crypto";
import { type HttpClient, redactUrl } from "@sc/http";
import { RFC3161Timestamp } from "@sigstore/core";
import { type Call, ScError } from "@sc/model";
import { encodeBase64 } from "./base64.ts";
import { askService, serviceUrl } from "./exchange.ts";
import type { Testimony, Witness, WitnessedSignature } from "./witness.ts";

/** Which timestamp authority is asked. */
export interface TimestampAuthorityOptions {
  /** Its base, or the full address as signing configurations give it. */
  readonly url: string;
  readonly client: HttpClient;
}

const path = "/api/v1/timestamp";

/**
 * A timestamp authority of Sigstore as witness: its time is over the signature. Throws `SIGNING_SERVICE_REFUSED`,
 * `SIGNING_SERVICE_INVALID` for a timestamp of something else or to another request, and what requests throw.
 *
 * @see RFC 3161 and https://github.com/sigstore/timestamp-authority
 */
export function createTimestampWitness({ url, client }: TimestampAuthorityOptions): Witness {
  return {
    async testify({ signature }: WitnessedSignature, call: Call = {}): Promise<Testimony> {
      const artifactHash = encodeBase64(createHash("sha256").update(signature.bytes).digest());
      const nonce = randomInt(2 ** 47);
      const body = JSON.stringify({ artifactHash, hashAlgorithm: "sha256", certificates: true, nonce });
      const at = url.replace(/\/+$/, "").endsWith(path) ? url : serviceUrl(url, path);
      const timestamp = await askService({ client, service: "timestamp authority", url: at, body, ...call });
      checkTimestamp(timestamp, { signed: signature.bytes, nonce, url: at });
      return { logEntries: [], timestamps: [timestamp] };
    },
  };
}

interface Requested {
  readonly signed: Uint8Array;
  readonly nonce: number;
  readonly url: string;
}

// By whom it is signed is for the verifier to say, who has the trust root.
function checkTimestamp(timestamp: Uint8Array, { signed, nonce, url }: Requested): void {
  let info: Buffer;
  try {
    const { tstInfo } = RFC3161Timestamp.parse(Buffer.from(timestamp));
    tstInfo.verify(Buffer.from(signed));
    info = tstInfo.raw;
  } catch (cause) {
    const message = `timestamp authority: ${redactUrl(url)} answered no timestamp of this signature`;
    throw new ScError("SIGNING_SERVICE_INVALID", message, { cause });
  }
  if (info.includes(integer(nonce))) return;
  throw new ScError("SIGNING_SERVICE_INVALID", `timestamp authority: ${redactUrl(url)} answered another request`);
}

// DER of a positive integer.
function integer(value: number): Buffer {
  const hex = value.toString(16);
  const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  const content = (digits[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), digits]) : digits;
  return Buffer.concat([Buffer.from([2, content.length]), content]);
}
