import { Buffer } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Bytes that can be read at any place: a buffer, a file, a captured file of an image. */
export interface RandomAccess {
  /** Bytes in all. */
  readonly size: number;
  /** Up to `length` bytes from `offset`; fewer only at the end. */
  readAt(offset: number, length: number): Uint8Array;
}

/** A buffer as random access; what is read are views of it. */
export function bufferAccess(bytes: Uint8Array): RandomAccess {
  return { size: bytes.length, readAt: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** A local file as random access, read synchronously. Throws what `node:fs` throws. */
export function openFileAccess(path: string): RandomAccess & Disposable {
  const file = openSync(path, "r");
  const { size } = fstatSync(file);
  const readAt = (offset: number, length: number): Uint8Array => {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
    for (let at = 0; at < bytes.length;) {
      const read = readSync(file, bytes, at, bytes.length - at, offset + at);
      if (read === 0) return bytes.subarray(0, at);
      at += read;
    }
    return bytes;
  };
  return { size, readAt, [Symbol.dispose]: () => closeSync(file) };
}
