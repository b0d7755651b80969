import { Buffer } from "node:buffer";
import type { RandomAccess } from "./random-access.ts";

const endSignature = 0x06054b50;
const endBytes = 22;
const locatorSignature = 0x07064b50;
const locatorBytes = 20;
const end64Signature = 0x06064b50;
const end64Bytes = 56;
const maxCommentBytes = 0xffff;

/** Where a zip's central directory lies. */
export interface ZipDirectoryPlace {
  readonly offset: number;
  readonly bytes: number;
  readonly entries: number;
  /** Bytes before the zip's own first byte, which its offsets do not count: a launcher script, an executable. */
  readonly prepended: number;
}

/**
 * Where the central directory lies; a sentence that says what is wrong where there is none.
 *
 * The end record is the one whose comment ends exactly at the end of the file, as Java looks for it.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function findZipDirectory(source: RandomAccess): ZipDirectoryPlace | string {
  const tailStart = Math.max(0, source.size - endBytes - maxCommentBytes);
  const tail = bufferOf(source.readAt(tailStart, source.size - tailStart));
  for (let at = tail.length - endBytes; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== endSignature) continue;
    if (at + endBytes + tail.readUInt16LE(at + 20) !== tail.length) continue;
    return readEnd(source, tail.subarray(at), tailStart + at);
  }
  return "it has no end record";
}

function readEnd(source: RandomAccess, end: Buffer, position: number): ZipDirectoryPlace | string {
  const entries = end.readUInt16LE(10);
  const bytes = end.readUInt32LE(12);
  const offset = end.readUInt32LE(16);
  if (entries === 0xffff || bytes === 0xffff_ffff || offset === 0xffff_ffff) {
    const large = readEnd64(source, position);
    if (large !== undefined) return large;
  }
  return placeOf({ entries, bytes, offset, end: position });
}

function readEnd64(source: RandomAccess, position: number): ZipDirectoryPlace | string | undefined {
  if (position < locatorBytes) return undefined;
  const locator = bufferOf(source.readAt(position - locatorBytes, locatorBytes));
  if (locator.readUInt32LE(0) !== locatorSignature) return undefined;
  const declared = Number(locator.readBigUInt64LE(8));
  // Where something is prepended the locator points too low; the record then stands right before it.
  for (const at of [declared, position - locatorBytes - end64Bytes]) {
    if (at < 0 || at + end64Bytes > position) continue;
    const record = bufferOf(source.readAt(at, end64Bytes));
    if (record.length < end64Bytes || record.readUInt32LE(0) !== end64Signature) continue;
    return placeOf({
      entries: Number(record.readBigUInt64LE(32)),
      bytes: Number(record.readBigUInt64LE(40)),
      offset: Number(record.readBigUInt64LE(48)),
      end: at,
    });
  }
  return "its ZIP64 end record is missing";
}

interface DeclaredPlace {
  readonly entries: number;
  readonly bytes: number;
  readonly offset: number;
  readonly end: number;
}

function placeOf({ entries, bytes, offset, end }: DeclaredPlace): ZipDirectoryPlace | string {
  const start = end - bytes;
  if (![entries, bytes, offset, start].every(Number.isSafeInteger) || start < 0 || offset > start) {
    return "its central directory does not fit into it";
  }
  return { offset: start, bytes, entries, prepended: start - offset };
}

/** A view as a `Buffer`, without copying. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
