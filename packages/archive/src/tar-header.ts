import { Buffer } from "node:buffer";
import { decodeEntryName } from "./entry-path.ts";

/** Bytes of a tar block. */
export const blockBytes = 512;

/** Bytes that hold header blocks, seen in two ways: a view of them reads four at once. */
export interface TarBytes {
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** A chunk of a tar in both views. */
export function viewTar({ buffer, byteOffset, byteLength }: Uint8Array): TarBytes {
  return { bytes: Buffer.from(buffer, byteOffset, byteLength), view: new DataView(buffer, byteOffset, byteLength) };
}

/** The block at an offset, as a view. */
export function blockOf({ bytes }: TarBytes, at: number): Buffer {
  return bytes.subarray(at, at + blockBytes);
}

/** The fields of one header block that matter here, as they stand in it. */
export interface RawTarHeader {
  /** With the prefix put in front. */
  readonly name: string;
  readonly linkName: string;
  readonly typeFlag: string;
  readonly mode: number;
  /** Bytes that follow, before any pax record changes it. */
  readonly size: number;
}

/**
 * The fields of a header block; a sentence that says what is wrong with it where it is none.
 *
 * What is accepted is what Go's archive/tar accepts, because that is what unpacks layers: v7, ustar, star and GNU
 * headers, octal or base-256 numbers, checksums summed signed or unsigned.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 */
export function parseTarHeader(from: TarBytes, at: number): RawTarHeader | string {
  const { bytes, view } = from;
  const checksum = parseTarNumber(bytes, at + 148, 8);
  if (checksum === undefined || !hasChecksum(view, at, checksum)) return "its checksum is wrong";
  const size = parseTarNumber(bytes, at + 124, 12);
  if (size === undefined || size < 0) return "its size is not a number";
  const mode = parseTarNumber(bytes, at + 100, 8);
  if (mode === undefined) return "its mode is not a number";
  const prefix = bytes[at + 345] === 0 ? "" : readPrefix(blockOf(from, at));
  const name = readName(bytes, at, 100);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    linkName: readName(bytes, at + 157, 100),
    typeFlag: String.fromCharCode(bytes[at + 156] ?? 0),
    mode: mode & 0o7777,
    size,
  };
}

/** Whether the block at an offset holds nothing but zeros. */
export function isZeroBlock(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0 && bytes.compare(zeroBlock, 0, blockBytes, at, at + blockBytes) === 0;
}

const zeroBlock = Buffer.alloc(blockBytes);

/** The sum of the bytes with spaces for the checksum, each taken as unsigned or, as some tools once did, as signed. */
function hasChecksum(view: DataView, start: number, wanted: number): boolean {
  const unsigned = sumOf(view, start, blockBytes) - sumOf(view, start + 148, 8) + 8 * 0x20;
  if (wanted === unsigned) return true;
  let high = 0;
  for (let at = 0; at < blockBytes; at++) {
    if ((at < 148 || at >= 156) && view.getUint8(start + at) > 127) high++;
  }
  return wanted === unsigned - 256 * high;
}

/** Four at a time, in two sums of 16 bits that lie in one number: 256 bytes of 255 still fit each of them. */
function sumOf(view: DataView, start: number, length: number): number {
  let sums = 0;
  for (let at = start; at < start + length; at += 4) {
    const four = view.getUint32(at);
    sums += (four & 0x00ff00ff) + ((four >>> 8) & 0x00ff00ff);
  }
  return (sums & 0xffff) + (sums >>> 16);
}

/** A number field: octal text, or base-256 when its first bit is set; `undefined` when it is neither or too large. */
export function parseTarNumber(block: Buffer, from: number, length: number): number | undefined {
  const first = block[from] ?? 0;
  if ((first & 0x80) !== 0) return parseBase256(block, from, length);
  let at = from;
  let end = from + length;
  while (at < end && isPadding(block[at])) at++;
  while (end > at && isPadding(block[end - 1])) end--;
  let value = 0;
  for (; at < end && block[at] !== 0; at++) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) return undefined;
    value = value * 8 + digit;
  }
  return Number.isSafeInteger(value) ? value : undefined;
}

function isPadding(byte: number | undefined): boolean {
  return byte === 0 || byte === 0x20;
}

function parseBase256(block: Buffer, from: number, length: number): number | undefined {
  const first = block[from] ?? 0;
  const negative = (first & 0x40) !== 0;
  let value = negative ? (first & 0x3f) - 0x40 : first & 0x3f;
  for (let at = from + 1; at < from + length; at++) {
    value = value * 256 + (block[at] ?? 0);
    if (!Number.isSafeInteger(value)) return undefined;
  }
  return value;
}

/** The text of a field up to its first NUL. */
export function readName(block: Buffer, from: number, length: number): string {
  const limit = from + length;
  let end = from;
  let ascii = true;
  for (; end < limit; end++) {
    const byte = block[end] ?? 0;
    if (byte === 0) break;
    if (byte > 127) ascii = false;
  }
  if (end === from) return "";
  return ascii ? block.toString("latin1", from, end) : decodeEntryName(block.subarray(from, end));
}

function readPrefix(block: Buffer): string {
  const magic = block.toString("latin1", 257, 265);
  if (magic.startsWith("ustar\0")) {
    const star = block.toString("latin1", 508, 512) === "tar\0";
    return readName(block, 345, star ? 131 : 155);
  }
  return magic === "ustar  \0" ? readMislaidPrefix(block) : "";
}

/**
 * GNU headers have times where ustar has the prefix, but early Go wrote a prefix there all the same. Go still reads
 * it when the times are no numbers and the text is ASCII; whoever reads otherwise sees other names than the runtime.
 */
function readMislaidPrefix(block: Buffer): string {
  const accessed = parseTarNumber(block, 345, 12);
  const changed = block[357] === 0 ? 0 : parseTarNumber(block, 357, 12);
  if (accessed !== undefined && changed !== undefined) return "";
  const prefix = readName(block, 345, 155);
  return isAscii(prefix) ? prefix : "";
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 127) return false;
  }
  return true;
}
