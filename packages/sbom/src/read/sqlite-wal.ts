import { asBuffer, type ByteSource } from "./byte-source.ts";

/** The pages that a write-ahead log has instead of those of its database. */
export interface WalPages {
  /** Pages of the database after the last commit. */
  readonly pageCount: number;
  /** Where in the log the newest committed content of a page begins, by page number. */
  readonly offsets: ReadonlyMap<number, number>;
}

const headerBytes = 32;
const frameHeaderBytes = 24;

/**
 * The committed pages of a write-ahead log that has not been brought into its database. What follows the first frame
 * with other salts or a wrong checksum is of an earlier use of the file, or was never committed: SQLite ignores it too.
 *
 * @see https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */
export function readWal(source: ByteSource, pageSize: number): WalPages | undefined {
  const header = asBuffer(source.readAt(0, headerBytes));
  if (header.length < headerBytes) return undefined;
  const magic = header.readUInt32BE(0);
  if (magic >>> 1 !== 0x377f0682 >>> 1 || header.readUInt32BE(8) !== pageSize) return undefined;
  const checksum = new WalChecksum((magic & 1) === 1);
  checksum.add(header.subarray(0, 24));
  if (!checksum.is(header, 24)) return undefined;
  const salts = header.subarray(16, 24);
  const offsets = new Map<number, number>();
  let uncommitted = new Map<number, number>();
  let pageCount = 0;
  for (let at = headerBytes; at + frameHeaderBytes + pageSize <= source.size; at += frameHeaderBytes + pageSize) {
    const frame = asBuffer(source.readAt(at, frameHeaderBytes + pageSize));
    checksum.add(frame.subarray(0, 8));
    checksum.add(frame.subarray(frameHeaderBytes));
    if (!salts.equals(frame.subarray(8, 16)) || !checksum.is(frame, 16)) break;
    uncommitted.set(frame.readUInt32BE(0), at + frameHeaderBytes);
    const committed = frame.readUInt32BE(4);
    if (committed === 0) continue;
    for (const [page, offset] of uncommitted) offsets.set(page, offset);
    uncommitted = new Map();
    pageCount = committed;
  }
  return offsets.size === 0 ? undefined : { pageCount, offsets };
}

/** The running checksum over header and frames. */
class WalChecksum {
  readonly #bigEndian: boolean;
  #first = 0;
  #second = 0;

  constructor(bigEndian: boolean) {
    this.#bigEndian = bigEndian;
  }

  add(bytes: Buffer): void {
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      this.#first = (this.#first + this.#word(bytes, at) + this.#second) >>> 0;
      this.#second = (this.#second + this.#word(bytes, at + 4) + this.#first) >>> 0;
    }
  }

  #word(bytes: Buffer, at: number): number {
    return this.#bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
  }

  is(bytes: Buffer, at: number): boolean {
    return bytes.readUInt32BE(at) === this.#first && bytes.readUInt32BE(at + 4) === this.#second;
  }
}
