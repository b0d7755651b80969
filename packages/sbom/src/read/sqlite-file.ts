import { TextDecoder } from "node:util";
import { asBuffer, type ByteSource, PageSet } from "./byte-source.ts";
import { readWal, type WalPages } from "./sqlite-wal.ts";

/** A value of a row. Integers beyond 2⁵³ lose their last digits. */
export type SqliteValue = null | number | string | Uint8Array;

/** A row of a table: an INTEGER PRIMARY KEY is `null` among the values, and is the row's id. */
export interface SqliteRow {
  readonly id: number;
  readonly values: readonly SqliteValue[];
}

/** How a database is read. */
export interface SqliteOptions {
  /** The write-ahead log beside the database. */
  readonly wal?: ByteSource | undefined;
  /** Bytes of one row; a larger one is told to `damage`. */
  readonly maxRowBytes: number;
  /** Told, in one sentence each, what of the database could not be read. */
  readonly damage: (message: string) => void;
}

const decoders: readonly TextDecoder[] = ["utf-8", "utf-8", "utf-16le", "utf-16be"].map(
  (name) => new TextDecoder(name),
);

/**
 * Reads the tables of an SQLite database, straight from its pages: nothing is executed, no index is used, every page is
 * read once at most, and whatever is damaged is told and left out.
 *
 * @see https://www.sqlite.org/fileformat2.html
 */
export class SqliteFile {
  readonly #source: ByteSource;
  readonly #options: SqliteOptions;
  readonly #pageSize: number;
  readonly #usable: number;
  readonly #pageCount: number;
  readonly #decoder: TextDecoder;
  readonly #wal: WalPages | undefined;

  private constructor(source: ByteSource, options: SqliteOptions, header: Buffer) {
    this.#source = source;
    this.#options = options;
    this.#pageSize = pageSizeOf(header);
    this.#wal = options.wal === undefined ? undefined : readWal(options.wal, this.#pageSize);
    const stored = Math.floor(source.size / this.#pageSize);
    // A log may grow the database by no more pages than it has.
    this.#pageCount = Math.min(this.#wal?.pageCount ?? stored, stored + (this.#wal?.offsets.size ?? 0));
    this.#usable = this.#pageSize - header.readUInt8(20);
    this.#decoder = decoders[header.readUInt32BE(56)] ?? new TextDecoder();
  }

  /** The database in a file; `undefined` when the file is none. */
  static open(source: ByteSource, options: SqliteOptions): SqliteFile | undefined {
    const header = asBuffer(source.readAt(0, 100));
    if (header.length < 100 || header.toString("latin1", 0, 16) !== "SQLite format 3\0") return undefined;
    const pageSize = pageSizeOf(header);
    const isPower = pageSize >= 512 && pageSize <= 65_536 && (pageSize & (pageSize - 1)) === 0;
    return isPower && pageSize - header.readUInt8(20) >= 480 ? new SqliteFile(source, options, header) : undefined;
  }

  /** The rows of a table in the order of their ids; `undefined` when there is no such table. */
  rows(table: string): Iterable<SqliteRow> | undefined {
    for (const { values } of this.#tree(1)) {
      const [type, name, , root] = values;
      if (type === "table" && name === table && typeof root === "number") return this.#tree(root);
    }
    return undefined;
  }

  *#tree(root: number): Generator<SqliteRow> {
    const seen = new PageSet(this.#pageCount + 1);
    const pages = [root];
    for (let number = pages.pop(); number !== undefined; number = pages.pop()) {
      const page = this.#page(number, seen);
      if (page === undefined) continue;
      const start = number === 1 ? 100 : 0;
      const type = page.readUInt8(start);
      if (type === 5) pages.push(...this.#children(page, start).toReversed());
      else if (type === 13) yield* this.#leaf(page, start, seen);
      else this.#options.damage(`page ${number} is of type ${type}, not one of a table`);
    }
  }

  /** A page that was not read before: damaged chains and trees lead back to what they came from. */
  #page(number: number, seen: PageSet): Buffer | undefined {
    const taken = number > 0 && seen.take(number);
    const offset = this.#wal?.offsets.get(number);
    const bytes =
      offset === undefined
        ? this.#source.readAt((number - 1) * this.#pageSize, taken ? this.#pageSize : 0)
        : this.#options.wal?.readAt(offset, taken ? this.#pageSize : 0);
    if (taken && bytes?.length === this.#pageSize) return asBuffer(bytes);
    this.#options.damage(taken ? `page ${number} is missing` : `page ${number} does not exist or is used twice`);
    return undefined;
  }

  /** The places of the cells of a page; those outside it are left out. */
  #cells(page: Buffer, start: number): number[] {
    const count = page.readUInt16BE(start + 3);
    const first = start + (page.readUInt8(start) === 5 ? 12 : 8);
    const cells: number[] = [];
    for (let index = 0; index < count && first + index * 2 + 2 <= this.#usable; index += 1) {
      const at = page.readUInt16BE(first + index * 2);
      if (at >= first && at + 4 <= this.#usable) cells.push(at);
    }
    if (cells.length < count) this.#options.damage(`${count - cells.length} cells of a page lie outside of it`);
    return cells;
  }

  #children(page: Buffer, start: number): number[] {
    return [...this.#cells(page, start).map((at) => page.readUInt32BE(at)), page.readUInt32BE(start + 8)];
  }

  *#leaf(page: Buffer, start: number, seen: PageSet): Generator<SqliteRow> {
    // Cells that share bytes would make a small page say much.
    let left = this.#usable;
    for (const at of this.#cells(page, start)) {
      const size = readVarint(page, at);
      const id = readVarint(page, size.end);
      const local = this.#localBytes(size.value);
      left -= local;
      if (left < 0 || id.end + local > this.#usable) this.#options.damage("cells of a page overlap");
      else {
        const payload = this.#payload(page, { at: id.end, local, size: size.value, seen });
        const values = payload === undefined ? undefined : this.#decode(payload);
        if (values !== undefined) yield { id: id.value, values };
      }
      if (left < 0) return;
    }
  }

  /** How much of a row of a size lies in its leaf. */
  #localBytes(size: number): number {
    const most = this.#usable - 35;
    if (size <= most) return size;
    const least = Math.floor(((this.#usable - 12) * 32) / 255) - 23;
    const rest = least + ((size - least) % (this.#usable - 4));
    return rest <= most ? rest : least;
  }

  #payload(page: Buffer, { at, local, size, seen }: Cell): Buffer | undefined {
    if (size === local) return page.subarray(at, at + local);
    if (size > this.#options.maxRowBytes || at + local + 4 > this.#usable) {
      this.#options.damage(`a row of ${size} bytes, more than the ${this.#options.maxRowBytes} that are read`);
      return undefined;
    }
    const parts = [page.subarray(at, at + local)];
    let next = page.readUInt32BE(at + local);
    for (let got = local; got < size;) {
      const more = this.#page(next, seen);
      if (more === undefined) return undefined;
      next = more.readUInt32BE(0);
      const part = more.subarray(4, Math.min(this.#usable, 4 + size - got));
      parts.push(part);
      got += part.length;
    }
    return Buffer.concat(parts);
  }

  #decode(payload: Buffer): SqliteValue[] | undefined {
    const header = readVarint(payload, 0);
    const values: SqliteValue[] = [];
    let at = header.value;
    for (let next = header.end; next < header.value;) {
      const type = readVarint(payload, next);
      next = type.end;
      const length = lengthOf(type.value);
      if (at + length > payload.length || next > payload.length || values.length >= maxColumns) {
        this.#options.damage("a row is longer than its cell");
        return undefined;
      }
      values.push(this.#value(type.value, payload.subarray(at, at + length)));
      at += length;
    }
    return values;
  }

  #value(type: number, bytes: Buffer): SqliteValue {
    if (type >= 12) return type % 2 === 0 ? bytes : this.#decoder.decode(bytes);
    if (type === 7) return bytes.readDoubleBE(0);
    if (type === 8 || type === 9) return type - 8;
    if (type === 0 || type > 9) return null;
    if (type === 6) return Number(bytes.readBigInt64BE(0));
    return bytes.readIntBE(0, bytes.length);
  }
}

interface Cell {
  readonly at: number;
  readonly local: number;
  readonly size: number;
  readonly seen: PageSet;
}

/** SQLite's own upper bound is 32,767; nothing that is read here has more than twenty. */
const maxColumns = 1000;

function pageSizeOf(header: Buffer): number {
  const size = header.readUInt16BE(16);
  return size === 1 ? 65_536 : size;
}

/** The bytes that a value of a serial type takes. */
function lengthOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0][type] ?? 0;
}

interface Varint {
  readonly value: number;
  /** Where the next byte is. */
  readonly end: number;
}

/** A number of up to nine bytes; what lies behind the end counts as zero. */
function readVarint(bytes: Buffer, start: number): Varint {
  let value = 0;
  for (let at = start; at < start + 8; at += 1) {
    const byte = bytes[at] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return { value: value * 256 + (bytes[start + 8] ?? 0), end: start + 9 };
}
