import type { Gunzip } from "node:zlib";

/**
 * What lies below a zlib stream of Node.js. It is not documented; npm, which every Node.js brings along, reaches it
 * the same way (through minizlib), so that it does not change by accident.
 */
interface NativeHandle {
  /** Takes what it can of the input, puts out what fits: how much was left of both stands in the stream's state. */
  writeSync(
    flush: number,
    ...range: [
      input: Uint8Array,
      at: number,
      length: number,
      output: Uint8Array,
      outputAt: number,
      outputLength: number,
    ]
  ): void;
  onerror: (message: string, errno: number, code: string) => void;
}

/** A zlib stream with what lies below it. */
export interface NativeStream {
  readonly stream: Gunzip;
  readonly handle: NativeHandle;
  /** Bytes of room left in the output, bytes of input not taken. */
  readonly state: Uint32Array;
}

/** Releases whose zlib was tried; any other is left to its documented streams. */
const triedMajors: ReadonlySet<string> = new Set(["22", "24", "26"]);

/** What lies below a stream; `undefined` where this release of Node.js was not tried or looks different. */
export function nativeOf(stream: Gunzip): NativeStream | undefined {
  const [major = ""] = process.versions.node.split(".");
  if (!triedMajors.has(major)) return undefined;
  const handle: unknown = Reflect.get(stream, "_handle");
  const state: unknown = Reflect.get(stream, "_writeState");
  return isHandle(handle) && state instanceof Uint32Array && state.length === 2 ? { stream, handle, state } : undefined;
}

function isHandle(value: unknown): value is NativeHandle {
  if (typeof value !== "object" || value === null || !("writeSync" in value) || !("onerror" in value)) return false;
  return typeof value.writeSync === "function" && typeof value.onerror === "function";
}
