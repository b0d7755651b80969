import type { Buffer } from "node:buffer";
import zlib from "node:zlib";
import { ScError } from "@sc/model";
import { decodeEntryName } from "./entry-path.ts";
import { inflateBytes } from "./inflate-bytes.ts";
import { type ArchiveLimits, archiveLimits } from "./limits.ts";
import type { RandomAccess } from "./random-access.ts";
import { bufferOf, findZipDirectory, type ZipDirectoryPlace } from "./zip-directory.ts";

const entrySignature = 0x02014b50;
const entryBytes = 46;
const localSignature = 0x04034b50;
const localBytes = 30;
/** Says that a number of four bytes stands elsewhere, in eight. */
const full = 0xffff_ffff;
const stored = 0;
const deflated = 8;
/** Bytes of one piece of what is read to be compared. */
const pieceBytes = 2 ** 20;

/** One entry of a zip as its central directory describes it. */
export interface ZipEntry {
  /** As written: not normalised, and never trusted. */
  readonly path: string;
  /** Whether it is a directory: its path ends with a slash. */
  readonly directory: boolean;
  /** Bytes of content. */
  readonly size: number;
  readonly compressedSize: number;
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc32: number;
  /** Where its local header stands, prepended bytes counted. */
  readonly offset: number;
}

/** Where the name of an entry lies in a zip's directory; valid while it is asked about. */
export interface ZipName {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** How a zip is read. */
export interface ZipReaderOptions {
  /** What the zip is called in errors. */
  readonly where: string;
  readonly limits?: Partial<ArchiveLimits>;
  /**
   * Which entries `entries` gives, by their names; all when not given. Asked while the directory is checked, with each name
   * as bytes of it, so that of an archive of many thousand entries only a few become objects.
   */
  readonly wanted?: (name: ZipName) => boolean;
}

/**
 * Reads a zip, as jars and wheels are, by its central directory: only what is asked for is inflated.
 *
 * Reads stored and deflated entries, ZIP64, and zips with something prepended. An entry whose local header says
 * something else than the directory, whose size or checksum is wrong, and entries that overlap are refused.
 *
 * Throws `ZIP_INVALID`, `ZIP_UNSUPPORTED`, `ARCHIVE_LIMIT_EXCEEDED`.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export class ZipReader {
  readonly #source: RandomAccess;
  readonly #where: string;
  readonly #limits: ArchiveLimits;
  readonly #place: ZipDirectoryPlace;
  readonly #directory: Buffer;
  /** Where the entries stand that are wanted; all of them where it is not said which. */
  readonly #wanted: readonly number[] | undefined;

  constructor(source: RandomAccess, { where, limits, wanted }: ZipReaderOptions) {
    this.#source = source;
    this.#where = where;
    this.#limits = { ...archiveLimits, ...limits };
    const place = findZipDirectory(source);
    if (typeof place === "string") this.#invalid(place);
    const { maxZipDirectoryBytes, maxZipEntries } = this.#limits;
    if (place.bytes > maxZipDirectoryBytes || place.entries > maxZipEntries) {
      this.#refuse(`its directory has ${place.bytes} bytes and ${place.entries} entries`);
    }
    this.#place = place;
    this.#directory = bufferOf(source.readAt(place.offset, place.bytes));
    this.#wanted = this.#checkEntries(wanted);
  }

  /** Entries that the directory says it has. */
  get count(): number {
    return this.#place.entries;
  }

  /** The entries in the directory's order, of those that are wanted. */
  *entries(): Generator<ZipEntry, void, undefined> {
    if (this.#wanted !== undefined) {
      for (const at of this.#wanted) yield this.#parseEntry(at, this.#entryEnd(at));
      return;
    }
    let at = 0;
    for (let index = 0; index < this.#place.entries; index++) {
      const end = this.#entryEnd(at);
      yield this.#parseEntry(at, end);
      at = end;
    }
  }

  /** The content of an entry. Throws `ARCHIVE_LIMIT_EXCEEDED` when it has more than `maxBytes` (default: the limit). */
  read(entry: ZipEntry, maxBytes: number = this.#limits.maxZipEntryBytes): Uint8Array {
    const name = JSON.stringify(entry.path.slice(0, 200));
    if (entry.encrypted) this.#unsupported(`${name} is encrypted`);
    if (entry.size > maxBytes) this.#refuse(`${name} has ${entry.size} bytes, at most ${maxBytes} are read`);
    const start = this.#contentStart(entry, name);
    const compressed = this.#source.readAt(start, entry.compressedSize);
    const content = this.#decode(entry, compressed, name);
    if (content.length !== entry.size || zlib.crc32(content) !== entry.crc32) {
      this.#invalid(`the content of ${name} is not what its directory says`);
    }
    return content;
  }

  /**
   * The content of an entry that is stored and not compressed, as a view into the zip's own source: nothing of it is held.
   * Its checksum is compared piece by piece first. `undefined` for an entry that is compressed.
   */
  view(entry: ZipEntry): RandomAccess | undefined {
    if (entry.encrypted || entry.method !== stored) return undefined;
    const name = JSON.stringify(entry.path.slice(0, 200));
    const start = this.#contentStart(entry, name);
    const { size } = entry;
    const readAt = (offset: number, length: number): Uint8Array => {
      const from = Math.min(Math.max(offset, 0), size);
      return this.#source.readAt(start + from, Math.min(Math.max(length, 0), size - from));
    };
    let sum = 0;
    for (let at = 0; at < size; at += pieceBytes) sum = zlib.crc32(readAt(at, pieceBytes), sum);
    if (entry.compressedSize !== size || sum !== entry.crc32) {
      this.#invalid(`the content of ${name} is not what its directory says`);
    }
    return { size, readAt };
  }

  #decode(entry: ZipEntry, compressed: Uint8Array, name: string): Uint8Array {
    if (entry.method === stored) return compressed;
    if (entry.method !== deflated) this.#unsupported(`${name} is compressed by method ${entry.method}`);
    try {
      return inflateBytes(compressed, entry.size);
    } catch (error) {
      return this.#invalid(`${name} cannot be inflated`, error);
    }
  }

  #contentStart(entry: ZipEntry, name: string): number {
    const header = bufferOf(this.#source.readAt(entry.offset, localBytes));
    if (header.length < localBytes || header.readUInt32LE(0) !== localSignature) {
      this.#invalid(`${name} has no local header`);
    }
    const nameLength = header.readUInt16LE(26);
    const local = decodeEntryName(this.#source.readAt(entry.offset + localBytes, nameLength));
    if (local !== entry.path || header.readUInt16LE(8) !== entry.method) {
      this.#invalid(`the local header of ${name} is that of another entry`);
    }
    const start = entry.offset + localBytes + nameLength + header.readUInt16LE(28);
    if (start + entry.compressedSize > this.#place.offset) this.#invalid(`${name} reaches into the directory`);
    return start;
  }

  #entryEnd(at: number): number {
    const directory = this.#directory;
    if (at + entryBytes > directory.length || readU32(directory, at) !== entrySignature) {
      this.#invalid(`its directory cannot be read at byte ${at}`);
    }
    const end =
      at + entryBytes + readU16(directory, at + 28) + readU16(directory, at + 30) + readU16(directory, at + 32);
    return end <= directory.length ? end : this.#invalid(`its directory is cut short at byte ${at}`);
  }

  #parseEntry(at: number, end: number): ZipEntry {
    const directory = this.#directory;
    const nameEnd = at + entryBytes + directory.readUInt16LE(at + 28);
    const path = decodeEntryName(directory.subarray(at + entryBytes, nameEnd));
    const { size, compressedSize, offset } = this.#isWide(at)
      ? this.#wideFields(at, directory.subarray(nameEnd, end))
      : this.#narrowFields(at);
    return {
      path,
      directory: path.endsWith("/"),
      size,
      compressedSize,
      method: directory.readUInt16LE(at + 10),
      encrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
      crc32: directory.readUInt32LE(at + 16),
      offset,
    };
  }

  /** Whether a size or the offset stands elsewhere, where it can be wrong: such an entry is always read. */
  #isWide(at: number): boolean {
    const directory = this.#directory;
    return (
      readU32(directory, at + 20) === full ||
      readU32(directory, at + 24) === full ||
      readU32(directory, at + 42) === full
    );
  }

  #narrowFields(at: number): Pick<ZipEntry, "size" | "compressedSize" | "offset"> {
    const directory = this.#directory;
    return {
      size: directory.readUInt32LE(at + 24),
      compressedSize: directory.readUInt32LE(at + 20),
      offset: directory.readUInt32LE(at + 42) + this.#place.prepended,
    };
  }

  /** Sizes and offset, from the ZIP64 extra field where the fixed ones are full. */
  #wideFields(at: number, extra: Buffer): Pick<ZipEntry, "size" | "compressedSize" | "offset"> {
    const directory = this.#directory;
    const fields = [directory.readUInt32LE(at + 24), directory.readUInt32LE(at + 20), directory.readUInt32LE(at + 42)];
    let wideAt = findExtra(extra, 1);
    const [size = 0, compressedSize = 0, offset = 0] = fields.map((value) => {
      if (value !== full || wideAt === undefined || wideAt + 8 > extra.length) return value;
      wideAt += 8;
      return Number(extra.readBigUInt64LE(wideAt - 8));
    });
    if (![size, compressedSize, offset].every(Number.isSafeInteger)) {
      this.#invalid(`a size in its directory is too large at byte ${at}`);
    }
    return { size, compressedSize, offset: offset + this.#place.prepended };
  }

  /**
   * Goes through the directory once. Entries that share bytes make a bomb of any size; apart, all together are no longer
   * than the file.
   */
  #checkEntries(wanted: ZipReaderOptions["wanted"]): readonly number[] | undefined {
    const directory = this.#directory;
    const name = { bytes: directory, start: 0, end: 0 };
    const places: number[] = [];
    let bytes = 0;
    let at = 0;
    for (let index = 0; index < this.#place.entries; index++) {
      const end = this.#entryEnd(at);
      bytes += this.#compressedSize(at, end) + localBytes;
      if (bytes > this.#place.offset) this.#invalid("its entries overlap");
      if (wanted !== undefined) {
        name.start = at + entryBytes;
        name.end = name.start + readU16(directory, at + 28);
        if (this.#isWide(at) || wanted(name)) places.push(at);
      }
      at = end;
    }
    return wanted === undefined ? undefined : places;
  }

  /** Without the entry's name and all else. */
  #compressedSize(at: number, end: number): number {
    const narrow = readU32(this.#directory, at + 20);
    if (narrow !== full) return narrow;
    const nameEnd = at + entryBytes + readU16(this.#directory, at + 28);
    return this.#wideFields(at, this.#directory.subarray(nameEnd, end)).compressedSize;
  }

  #invalid(what: string, cause?: unknown): never {
    throw new ScError("ZIP_INVALID", `${this.#where}: the zip cannot be read: ${what}`, { cause });
  }

  #unsupported(what: string): never {
    throw new ScError("ZIP_UNSUPPORTED", `${this.#where}: ${what}`);
  }

  #refuse(what: string): never {
    throw new ScError("ARCHIVE_LIMIT_EXCEEDED", `${this.#where}: ${what}`);
  }
}

// Read of every entry of every archive, mostly by code that is not compiled for speed yet, where a method of Buffer costs
// several times as much. Whoever calls has checked that the bytes are there.

function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

function readU32(bytes: Uint8Array, at: number): number {
  return (readU16(bytes, at) | (readU16(bytes, at + 2) << 16)) >>> 0;
}

/** Where the content of an extra field begins. */
function findExtra(extra: Buffer, id: number): number | undefined {
  for (let at = 0; at + 4 <= extra.length;) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === id) return at + 4;
    at += 4 + length;
  }
  return undefined;
}
