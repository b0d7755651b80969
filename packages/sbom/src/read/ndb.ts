import { asBuffer, type ByteSource } from "./byte-source.ts";
import type { RecordOptions } from "./berkeley-hash.ts";

const magicWord = (text: string): number => Buffer.from(text, "latin1").readUInt32LE(0);
const fileMagic = magicWord("RpmP");
const slotMagic = magicWord("Slot");
const headMagic = magicWord("BlbS");
const tailMagic = magicWord("BlbE");

const pageBytes = 4096;
const slotBytes = 16;
const blockBytes = 16;
const headBytes = 16;
const tailBytes = 12;

/**
 * The records of a database in rpm's own format, `Packages.db`: slots at its beginning that point to blobs. Blobs may
 * not add up to more than the file, and whatever is damaged is told and left out. `undefined` when the file is none.
 *
 * @see https://github.com/rpm-software-management/rpm/blob/master/lib/backend/ndb/rpmpkg.c
 */
export function ndbRecords(source: ByteSource, options: RecordOptions): Iterable<Uint8Array> | undefined {
  const header = asBuffer(source.readAt(0, 2 * slotBytes));
  if (header.length < 2 * slotBytes || header.readUInt32LE(0) !== fileMagic) return undefined;
  if (header.readUInt32LE(4) !== 0) {
    options.damage(`the database is of version ${header.readUInt32LE(4)}, only version 0 is known`);
    return [];
  }
  return blobs(source, { ...options, slotPages: header.readUInt32LE(12) });
}

function* blobs(
  source: ByteSource,
  { slotPages, maxRecordBytes, damage }: RecordOptions & { readonly slotPages: number },
): Generator<Uint8Array> {
  let left = source.size;
  const seen = new Set<number>();
  for (let page = 0; page < slotPages; page += 1) {
    const slots = asBuffer(source.readAt(page * pageBytes, pageBytes));
    if (slots.length < pageBytes) {
      damage(`the database should have ${slotPages} pages of slots and ends in page ${page}`);
      return;
    }
    // The header has the place of two slots.
    for (let at = page === 0 ? 2 * slotBytes : 0; at < pageBytes; at += slotBytes) {
      const slot = slotAt(slots, at);
      if (slot.index === 0) continue;
      const place = `slot ${page * (pageBytes / slotBytes) + at / slotBytes}`;
      const length = slot.blocks * blockBytes;
      const fault = faultOf(slot, seen, { length, left, maxRecordBytes });
      seen.add(slot.index);
      const blob = fault === undefined ? blobAt(source, slot) : fault;
      if (typeof blob === "string") damage(`${place}: ${blob}`);
      else {
        left -= length;
        yield blob;
      }
    }
  }
}

interface Slot {
  readonly magic: number;
  /** The number of the package, 0 for a slot that is free. */
  readonly index: number;
  readonly offset: number;
  readonly blocks: number;
}

function slotAt(slots: Buffer, at: number): Slot {
  return {
    magic: slots.readUInt32LE(at),
    index: slots.readUInt32LE(at + 4),
    offset: slots.readUInt32LE(at + 8) * blockBytes,
    blocks: slots.readUInt32LE(at + 12),
  };
}

interface Bounds {
  readonly length: number;
  readonly left: number;
  readonly maxRecordBytes: number;
}

function faultOf(slot: Slot, seen: ReadonlySet<number>, { length, left, maxRecordBytes }: Bounds): string | undefined {
  if (slot.magic !== slotMagic) return "it is not a slot";
  if (seen.has(slot.index)) return `package ${slot.index} has two slots`;
  if (length > maxRecordBytes) return `a record of ${length} bytes, more than the ${maxRecordBytes} that are read`;
  return length > left ? "the records add up to more than the file" : undefined;
}

/** The content of a blob, or what is wrong with it. */
function blobAt(source: ByteSource, { index, offset, blocks }: Slot): Uint8Array | string {
  const bytes = asBuffer(source.readAt(offset, blocks * blockBytes));
  if (bytes.length < blocks * blockBytes || blocks < 2) return "its record lies outside of the file";
  const length = bytes.readUInt32LE(12);
  if (Math.ceil((headBytes + length + tailBytes) / blockBytes) !== blocks) {
    return `its record of ${blocks} blocks says that it is ${length} bytes long`;
  }
  const tail = bytes.length - tailBytes;
  const framed = bytes.readUInt32LE(0) === headMagic && bytes.readUInt32LE(tail + 8) === tailMagic;
  if (!framed || bytes.readUInt32LE(4) !== index) return `its record is not that of package ${index}`;
  if (adler32(bytes.subarray(0, tail)) !== bytes.readUInt32LE(tail)) return "its record does not have its own checksum";
  return bytes.subarray(headBytes, headBytes + length);
}

/** RFC 1950. */
function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (let start = 0; start < bytes.length; start += 3800) {
    for (const byte of bytes.subarray(start, start + 3800)) {
      low += byte;
      high += low;
    }
    low %= 65_521;
    high %= 65_521;
  }
  return ((high << 16) | low) >>> 0;
}
