import { createHash } from "node:crypto";

/** What a package of a database that is made for a test says. */
export interface RpmPackage {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly epoch?: number;
  readonly architecture?: string;
  readonly license?: string;
  readonly vendor?: string;
  readonly summary?: string;
  readonly sourceRpm?: string;
  readonly modularity?: string;
  readonly requires?: readonly string[];
  readonly provides?: readonly string[];
  readonly files?: readonly string[];
  /** Tags put behind the region, as rpm does when it installs a package. */
  readonly added?: readonly HeaderEntry[];
}

/** A tag of a header with its value. */
export interface HeaderEntry {
  readonly tag: number;
  readonly value: string | readonly string[] | readonly number[];
}

interface EncodedEntry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly data: Buffer;
}

function encode({ tag, value }: HeaderEntry): EncodedEntry {
  if (typeof value === "string") return { tag, type: 6, count: 1, data: Buffer.from(`${value}\0`) };
  const data = Buffer.concat(
    value.map((one) => {
      if (typeof one === "string") return Buffer.from(`${one}\0`);
      const number = Buffer.alloc(4);
      number.writeUInt32BE(one);
      return number;
    }),
  );
  return { tag, type: typeof value[0] === "number" ? 4 : 8, count: value.length, data };
}

function indexEntry(tag: number, type: number, place: { readonly offset: number; readonly count: number }): Buffer {
  const entry = Buffer.alloc(16);
  entry.writeUInt32BE(tag, 0);
  entry.writeUInt32BE(type, 4);
  entry.writeInt32BE(place.offset, 8);
  entry.writeUInt32BE(place.count, 12);
  return entry;
}

class HeaderData {
  readonly index: Buffer[] = [];
  readonly #parts: Buffer[] = [];
  size = 0;

  add({ tag, type, count, data }: EncodedEntry): void {
    const padding = type === 4 ? (4 - (this.size % 4)) % 4 : 0;
    this.append(Buffer.alloc(padding));
    this.index.push(indexEntry(tag, type, { offset: this.size, count }));
    this.append(data);
  }

  append(data: Buffer): void {
    this.#parts.push(data);
    this.size += data.length;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

function entriesOf(one: RpmPackage): HeaderEntry[] {
  const files = one.files ?? [];
  const folders = [...new Set(files.map(folderOf))];
  const entries: readonly { readonly tag: number; readonly value: HeaderEntry["value"] | undefined }[] = [
    { tag: 1000, value: one.name },
    { tag: 1001, value: one.version },
    { tag: 1002, value: one.release },
    { tag: 1003, value: one.epoch === undefined ? undefined : [one.epoch] },
    { tag: 1004, value: one.summary },
    { tag: 1011, value: one.vendor },
    { tag: 1014, value: one.license },
    { tag: 1022, value: one.architecture },
    { tag: 1044, value: one.sourceRpm },
    { tag: 1047, value: one.provides },
    { tag: 1049, value: one.requires },
    { tag: 1116, value: files.map((file) => folders.indexOf(folderOf(file))) },
    { tag: 1117, value: files.map((file) => file.slice(folderOf(file).length)) },
    { tag: 1118, value: folders },
    { tag: 5096, value: one.modularity },
  ];
  return entries.flatMap(({ tag, value }) => (value === undefined || value.length === 0 ? [] : [{ tag, value }]));
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf("/") + 1);
}

/** A header blob as rpm's databases hold it: the package's own tags in a region, its checksum and further tags behind. */
export function rpmHeader(one: RpmPackage): Buffer {
  const entries = entriesOf(one).map(encode);
  const data = new HeaderData();
  for (const entry of entries) data.add(entry);
  const regionEntries = entries.length + 1;
  const region = indexEntry(63, 7, { offset: data.size, count: 16 });
  data.append(indexEntry(63, 7, { offset: -16 * regionEntries, count: 16 }));
  const built = Buffer.concat([region, ...data.index]);
  const start = Buffer.from("8eade801000000000000000000000000", "hex");
  start.writeUInt32BE(regionEntries, 8);
  start.writeUInt32BE(data.size, 12);
  const sha256 = createHash("sha256").update(start).update(built).update(data.bytes).digest("hex");
  for (const entry of [{ tag: 273, value: sha256 }, ...(one.added ?? [])]) data.add(encode(entry));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.index.length + 1, 0);
  head.writeUInt32BE(data.size, 4);
  return Buffer.concat([head, region, ...data.index, data.bytes]);
}

/** A `Packages.db` in rpm's own format. */
export function ndbDatabase(blobs: readonly Uint8Array[]): Buffer {
  const slots = Buffer.alloc(4096);
  slots.write("RpmP", 0, "latin1");
  slots.writeUInt32LE(1, 8);
  slots.writeUInt32LE(1, 12);
  slots.writeUInt32LE(blobs.length + 1, 16);
  const parts: Buffer[] = [slots];
  let offset = slots.length;
  for (const [index, blob] of blobs.entries()) {
    const blocks = Math.ceil((16 + blob.length + 12) / 16);
    const record = Buffer.alloc(blocks * 16);
    record.write("BlbS", 0, "latin1");
    record.writeUInt32LE(index + 1, 4);
    record.writeUInt32LE(1, 8);
    record.writeUInt32LE(blob.length, 12);
    record.set(blob, 16);
    const tail = record.length - 12;
    record.writeUInt32LE(adler32(record.subarray(0, tail)), tail);
    record.writeUInt32LE(blob.length, tail + 4);
    record.write("BlbE", tail + 8, "latin1");
    slots.write("Slot", 32 + index * 16, "latin1");
    slots.writeUInt32LE(index + 1, 36 + index * 16);
    slots.writeUInt32LE(offset / 16, 40 + index * 16);
    slots.writeUInt32LE(blocks, 44 + index * 16);
    parts.push(record);
    offset += record.length;
  }
  return Buffer.concat(parts);
}

/** By the definition, byte by byte. */
function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return high * 65_536 + low;
}

/** How a Berkeley DB database is made. */
export interface BerkeleyOptions {
  readonly bigEndian?: boolean;
  readonly pageSize?: number;
}

/** A `Packages` in Berkeley DB's hash format, every record on overflow pages of its own. */
export function berkeleyDatabase(
  blobs: readonly Uint8Array[],
  { bigEndian = false, pageSize = 512 }: BerkeleyOptions = {},
): Buffer {
  const u32 = (page: Buffer, value: number, at: number): number =>
    bigEndian ? page.writeUInt32BE(value, at) : page.writeUInt32LE(value, at);
  const u16 = (page: Buffer, value: number, at: number): number =>
    bigEndian ? page.writeUInt16BE(value, at) : page.writeUInt16LE(value, at);
  const pages: Buffer[] = [Buffer.alloc(pageSize), Buffer.alloc(pageSize)];
  const newPage = (type: number): Buffer => {
    const page = Buffer.alloc(pageSize);
    u32(page, pages.length, 8);
    page.writeUInt8(type, 25);
    pages.push(page);
    return page;
  };
  const counter = Buffer.alloc(5);
  counter.writeUInt8(1, 0);
  const items: Buffer[] = [counter, Buffer.from([1, ...Buffer.alloc(4, blobs.length)])];
  for (const [index, blob] of blobs.entries()) {
    const key = Buffer.from([1, 0, 0, 0, 0]);
    u32(key, index + 1, 1);
    const value = Buffer.alloc(12);
    value.writeUInt8(3, 0);
    u32(value, pages.length, 4);
    u32(value, blob.length, 8);
    items.push(key, value);
    const room = pageSize - 26;
    for (let at = 0; at < blob.length; at += room) {
      const page = newPage(7);
      const part = blob.subarray(at, at + room);
      page.set(part, 26);
      u16(page, part.length, 22);
      if (at + room < blob.length) u32(page, pages.length, 16);
    }
  }
  const hash = pages[1] ?? Buffer.alloc(0);
  hash.writeUInt8(13, 25);
  u32(hash, 1, 8);
  u16(hash, items.length, 20);
  let end = pageSize;
  for (const [index, item] of items.entries()) {
    end -= item.length;
    hash.set(item, end);
    u16(hash, end, 26 + index * 2);
  }
  const meta = pages[0] ?? Buffer.alloc(0);
  u32(meta, 0x00061561, 12);
  u32(meta, 9, 16);
  u32(meta, pageSize, 20);
  meta.writeUInt8(8, 25);
  u32(meta, pages.length - 1, 32);
  return Buffer.concat(pages);
}
