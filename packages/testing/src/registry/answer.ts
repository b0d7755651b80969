import type { IncomingHttpHeaders } from "node:http";

/** A request that has arrived whole. */
export interface ArrivedRequest {
  readonly method: string;
  /** The path, decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** What a server answers, before any fault is worked into it. Header names are lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** An answer with a JSON body. */
export function answerJson(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: new TextEncoder().encode(JSON.stringify(value)),
  };
}

/**
 * A refusal as registries write it: one of the distribution specification's error codes with a message.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
 */
export function refuse(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const message = code.toLowerCase().replaceAll("_", " ");
  return answerJson(status, { errors: [{ code, message, detail: null }] }, headers);
}

/** Bytes, or the one range of them that the request asks for: 200, 206 or 416. */
export function answerBytes(
  bytes: Uint8Array,
  request: ArrivedRequest,
  headers: Readonly<Record<string, string>>,
): Answer {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  if (range === null) return { status: 200, headers, body: bytes };
  const first = Number(range[1]);
  const last = range[2] === "" ? bytes.length - 1 : Math.min(Number(range[2]), bytes.length - 1);
  if (first >= bytes.length || last < first) {
    return refuse(416, "RANGE_INVALID", { "content-range": `bytes */${bytes.length}` });
  }
  return {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${first}-${last}/${bytes.length}` },
    body: bytes.subarray(first, last + 1),
  };
}
