import { createHash, randomInt } from "node:crypto";
import { type HttpClient, redactUrl } from "@sc/http";
import { RFC3161Timestamp } from "@sigstore/core";
import { type Call, ScError } from "@sc/model";
import { askService, serviceUrl } from "./exchange.ts";
import type { Testimony, Witness, WitnessedSignature } from "./witness.ts";

/** Which timestamp authority is asked. */
export interface TimestampAuthorityOptions {
  /** Where it takes requests; of an address without a path the one that Sigstore's authorities have is meant. */
  readonly url: string;
  readonly client: HttpClient;
}

const sigstorePath = "/api/v1/timestamp";

/**
 * A timestamp authority as witness: its time is over the signature. It is asked as RFC 3161 has it, so that any
 * authority serves. Throws `SIGNING_SERVICE_REFUSED`, `SIGNING_SERVICE_INVALID` for a timestamp of something else or to
 * another request, and what requests throw.
 *
 * @see RFC 3161, section 3.4, and https://github.com/sigstore/timestamp-authority
 */
export function createTimestampWitness({ url, client }: TimestampAuthorityOptions): Witness {
  return {
    async testify({ signature }: WitnessedSignature, call: Call = {}): Promise<Testimony> {
      const nonce = randomInt(2 ** 47);
      const body = encodeQuery(createHash("sha256").update(signature.bytes).digest(), nonce);
      const at = hasPath(url) ? url : serviceUrl(url, sigstorePath);
      const headers = { "content-type": "application/timestamp-query", accept: "application/timestamp-reply" };
      const timestamp = await askService({ client, service: "timestamp authority", url: at, body, headers, ...call });
      checkTimestamp(timestamp, { signed: signature.bytes, nonce, url: at });
      return { logEntries: [], timestamps: [timestamp] };
    },
  };
}

function hasPath(url: string): boolean {
  return URL.canParse(url) && new URL(url).pathname !== "/";
}

const versionOne = Buffer.from([2, 1, 1]);
const sha256Algorithm = Buffer.from("300d06096086480165030402010500", "hex");
const wantsCertificates = Buffer.from([1, 1, 0xff]);

// TimeStampReq in DER, without a policy: an authority has one of its own.
function encodeQuery(sha256: Uint8Array, nonce: number): Uint8Array {
  const imprint = der(0x30, sha256Algorithm, der(0x04, sha256));
  return der(0x30, versionOne, imprint, integer(nonce), wantsCertificates);
}

// For content of less than 128 bytes, whose length is one byte.
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
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
  return der(0x02, content);
}
