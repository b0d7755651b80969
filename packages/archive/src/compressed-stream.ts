import { Buffer } from "node:buffer";
import { ScError } from "@sc/model";
import type { OutputMeter } from "./output-meter.ts";

/** What an inflater needs to know of a compressed stream. */
export interface InflateOptions {
  readonly where: string;
  readonly compression: "gzip" | "zstd";
  readonly signal?: AbortSignal | undefined;
  /** Told what goes in; its reader tells it what comes out. */
  readonly meter: OutputMeter;
  /** The memory for the next piece that comes out, where whoever asks has some. */
  readonly nextOutput?: (() => Buffer) | undefined;
}

// 128 MiB: what the zstd command line and container runtimes accept.
/** The largest window of a zstd stream that is read, as its logarithm. */
export const zstdWindowLog = 27;

const zeros = Buffer.alloc(64 * 1024);

/** Whether there are only zeros. */
export function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const part = bytes.subarray(at, at + zeros.length);
    if (Buffer.compare(part, zeros.subarray(0, part.length)) !== 0) return false;
  }
  return true;
}

/** What is wrong with a stream that zlib or zstd refused. */
export function invalid(where: string, cause: Error): ScError {
  const short = "code" in cause && cause.code === "Z_BUF_ERROR";
  const what = short ? "the compressed stream is cut short" : `the compressed stream is damaged: ${cause.message}`;
  return new ScError("COMPRESSION_INVALID", `${where}: ${what}`, { cause });
}

/** Chunks as one. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}

/** What is said where Node.js has no zstd. */
export function zstdUnsupported(where: string): ScError {
  return new ScError("COMPRESSION_UNSUPPORTED", `${where}: Node.js ${process.version} cannot read zstd`, {
    hint: "Run Node.js 22.22, 24.15 or newer.",
  });
}

/** What is said of a zstd stream that ends too early. */
export function zstdCut(where: string): ScError {
  return new ScError("COMPRESSION_INVALID", `${where}: the zstd stream ends inside a frame`);
}
