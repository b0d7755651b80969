import { asBuffer, type ByteSource, PageSet } from "./byte-source.ts";

/** How a database of records is read. */
export interface RecordOptions {
  /** Bytes of one record; a larger one is told to `damage`. */
  readonly maxRecordBytes: number;
  /** Told, in one sentence each, what of the database could not be read. */
  readonly damage: (message: string) => void;
}

const pageHeaderBytes = 26;
const hashMagic = 0x00061561;

/** Types of pages. */
const unsortedHashPage = 2;
const overflowPage = 7;
const hashMetaPage = 8;
const sortedHashPage = 13;

/** Types of items on a hash page. */
const inlineItem = 1;
const overflowItem = 3;

/**
 * The values of rpm's Berkeley DB hash database of either byte order, by its pages: every page is read once at most, and
 * whatever is damaged is told and left out. `undefined` when the file is none.
 *
 * @see https://docs.oracle.com/database/bdb181/html/programmer_reference/general_am_conf.html
 */
export function berkeleyValues(source: ByteSource, options: RecordOptions): Iterable<Uint8Array> | undefined {
  const meta = asBuffer(source.readAt(0, 512));
  if (meta.length < 512) return undefined;
  const bigEndian = meta.readUInt32BE(12) === hashMagic;
  if (!bigEndian && meta.readUInt32LE(12) !== hashMagic) return undefined;
  const numbers = new Numbers(bigEndian);
  const pageSize = numbers.u32(meta, 20);
  const isPower = pageSize >= 512 && pageSize <= 65_536 && (pageSize & (pageSize - 1)) === 0;
  if (!isPower || meta.readUInt8(25) !== hashMetaPage) return undefined;
  if (meta.readUInt8(24) !== 0) {
    options.damage("the database is encrypted");
    return [];
  }
  const stored = Math.floor(source.size / pageSize);
  const pages = numbers.u32(meta, 32) + 1;
  if (pages > stored) options.damage(`the database should have ${pages} pages and has ${stored}`);
  return new BerkeleyHash(source, { ...options, numbers, pageSize, pages: Math.min(pages, stored) }).values();
}

class Numbers {
  readonly #bigEndian: boolean;

  constructor(bigEndian: boolean) {
    this.#bigEndian = bigEndian;
  }

  u16(bytes: Buffer, at: number): number {
    return this.#bigEndian ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at);
  }

  u32(bytes: Buffer, at: number): number {
    return this.#bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
  }
}

interface HashOptions extends RecordOptions {
  readonly numbers: Numbers;
  readonly pageSize: number;
  readonly pages: number;
}

class BerkeleyHash {
  readonly #source: ByteSource;
  readonly #options: HashOptions;
  /** The pages of long values that have been read. */
  readonly #seen: PageSet;

  constructor(source: ByteSource, options: HashOptions) {
    this.#source = source;
    this.#options = options;
    this.#seen = new PageSet(options.pages);
  }

  *values(): Generator<Uint8Array> {
    const { pageSize, pages } = this.#options;
    for (let number = 1; number < pages; number += 1) {
      const page = asBuffer(this.#source.readAt(number * pageSize, pageSize));
      const type = page.readUInt8(25);
      if (type === sortedHashPage || type === unsortedHashPage) yield* this.#pageValues(page, number);
    }
  }

  /** The values of a hash page, whose items are keys and values in turn, from its end towards its beginning. */
  *#pageValues(page: Buffer, number: number): Generator<Uint8Array> {
    const { numbers, pageSize, damage } = this.#options;
    const count = numbers.u16(page, 20);
    let end = pageSize;
    let isCounter = false;
    for (let index = 0; index < count; index += 1) {
      const slot = pageHeaderBytes + index * 2;
      const start = slot + 2 <= pageSize ? numbers.u16(page, slot) : 0;
      if (start < slot + 2 || start >= end) {
        damage(`page ${number}: item ${index} of ${count} lies outside of the page or in another`);
        return;
      }
      const item = page.subarray(start, end);
      end = start;
      if (index % 2 === 0) {
        // The record of key 0 counts the others.
        isCounter = item.subarray(1).every((byte) => byte === 0);
        continue;
      }
      const value = isCounter ? undefined : this.#value(item, number);
      if (value !== undefined) yield value;
    }
  }

  #value(item: Buffer, number: number): Uint8Array | undefined {
    if (item[0] === inlineItem) return item.subarray(1);
    if (item[0] === overflowItem && item.length >= 12) return this.#overflow(item);
    this.#options.damage(`page ${number}: a value is of type ${item[0]}, neither inline nor long`);
    return undefined;
  }

  #overflow(item: Buffer): Uint8Array | undefined {
    const { numbers, pageSize, maxRecordBytes, damage } = this.#options;
    const first = numbers.u32(item, 4);
    const length = numbers.u32(item, 8);
    if (length > Math.min(maxRecordBytes, this.#source.size)) {
      damage(`a value of ${length} bytes is longer than what is read`);
      return undefined;
    }
    const parts: Buffer[] = [];
    let next = first;
    for (let got = 0; got < length;) {
      if (next === 0 || !this.#seen.take(next)) {
        damage(`the value at page ${first} goes on at page ${next}, which does not exist or is used twice`);
        return undefined;
      }
      const page = asBuffer(this.#source.readAt(next * pageSize, pageSize));
      const used = numbers.u16(page, 22);
      if (page.readUInt8(25) !== overflowPage || used === 0 || used > pageSize - pageHeaderBytes) {
        damage(`the value at page ${first} goes on at page ${next}, which holds no part of a value`);
        return undefined;
      }
      const part = page.subarray(pageHeaderBytes, pageHeaderBytes + Math.min(used, length - got));
      parts.push(part);
      got += part.length;
      next = numbers.u32(page, 16);
    }
    return Buffer.concat(parts);
  }
}
