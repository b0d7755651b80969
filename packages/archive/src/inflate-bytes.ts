import { Buffer } from "node:buffer";
import zlib from "node:zlib";
import { InflateError, Inflater } from "./inflater.ts";

/** Bytes out of one byte in, at most: deflate says 258 bytes with two bits. */
const maxDeflateRatio = 1032;
/** Of so few bytes zlib takes longer to make its stream than to inflate them. */
const maxSmallBytes = 64 * 1024;

/**
 * What a whole DEFLATE stream holds, of which it is known how long it should be; what follows the stream is ignored. One
 * byte more than that is given where there is more, so that the caller sees it. Throws where the stream is none, is cut,
 * or holds yet more.
 */
export function inflateBytes(compressed: Uint8Array, size: number): Uint8Array {
  const maxBytes = size + 1;
  const small = compressed.length <= maxSmallBytes && size <= maxSmallBytes;
  return (small ? inflateSmall(compressed, maxBytes) : undefined) ?? inflateLarge(compressed, maxBytes);
}

function inflateLarge(compressed: Uint8Array, maxOutputLength: number): Uint8Array {
  // In one piece, which is not copied once more at the end; no larger than what deflate can make of so few bytes.
  const chunkSize = Math.max(Math.min(maxOutputLength, compressed.length * maxDeflateRatio), 64);
  return zlib.inflateRawSync(compressed, { maxOutputLength, chunkSize });
}

/** `undefined` where there is no inflater of our own. */
function inflateSmall(compressed: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const inflater = Inflater.open();
  if (inflater === undefined) return undefined;
  try {
    // There is room for all of it, and for all that may come out.
    inflater.take(compressed);
    inflater.end();
    inflater.begin();
    const stop = inflater.run();
    if (inflater.output.length > maxBytes) throw new InflateError("it holds more than it should");
    if (stop === "input") throw new InflateError("it is cut short");
    return Buffer.from(inflater.output);
  } finally {
    inflater.close();
  }
}
