import { createHash } from "node:crypto";
import { asBuffer } from "./byte-source.ts";

/** The tags of a header that are read. */
export const rpmTags = {
  sha1Header: 269,
  sha256Header: 273,
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  summary: 1004,
  vendor: 1011,
  license: 1014,
  packager: 1015,
  url: 1020,
  architecture: 1022,
  oldFileNames: 1027,
  sourceRpm: 1044,
  provideName: 1047,
  requireName: 1049,
  directoryIndexes: 1116,
  baseNames: 1117,
  directoryNames: 1118,
  modularityLabel: 5096,
} as const;

/** What names a package: once it is signed for, nothing may be put in its place. */
const identity: ReadonlySet<number> = new Set<number>([
  rpmTags.name,
  rpmTags.version,
  rpmTags.release,
  rpmTags.epoch,
  rpmTags.architecture,
  rpmTags.sourceRpm,
  rpmTags.modularityLabel,
]);

interface IndexEntry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

const entryBytes = 16;
/** rpm's own bounds. */
const maxEntries = 65_535;
const maxDataBytes = 256 * 2 ** 20;
/** Bytes of one number of the numeric types. */
const numberBytes: ReadonlyMap<number, number> = new Map([
  [2, 1],
  [3, 2],
  [4, 4],
]);
const stringTypes: ReadonlySet<number> = new Set([6, 8, 9]);

/**
 * One package's header, as rpm's databases and packages hold it: an index of tags and the data they point into. Nothing
 * is decoded before it is asked for, and nothing outside of the data is read.
 *
 * @see https://rpm-software-management.github.io/rpm/manual/format_header.html
 */
export class RpmHeader {
  readonly #entries: ReadonlyMap<number, IndexEntry>;
  readonly #data: Buffer;
  /** Set when the header holds a checksum of itself and another is computed, or names were changed afterwards. */
  readonly edited: string | undefined;

  private constructor(entries: ReadonlyMap<number, IndexEntry>, data: Buffer, edited: string | undefined) {
    this.#entries = entries;
    this.#data = data;
    this.edited = edited;
  }

  /** The header in a blob, or what is wrong with it. */
  static parse(bytes: Uint8Array): RpmHeader | string {
    const blob = asBuffer(bytes);
    if (blob.length < 8) return `its header has ${blob.length} bytes`;
    const count = blob.readUInt32BE(0);
    const size = blob.readUInt32BE(4);
    const start = 8 + count * entryBytes;
    if (count < 1 || count > maxEntries || size > maxDataBytes || start + size > blob.length) {
      return `its header of ${blob.length} bytes says that it has ${count} entries and ${size} bytes of data`;
    }
    const index = blob.subarray(8, start);
    const data = blob.subarray(start, start + size);
    const region = regionOf(index, data);
    if (typeof region === "string") return region;
    const entries = new Map<number, IndexEntry>();
    const changed: number[] = [];
    // What follows the region was added when the package was installed, and stands before what the region says.
    for (let at = 0; at < index.length; at += entryBytes) {
      const tag = index.readUInt32BE(at);
      if (region !== undefined && at >= region.entries * entryBytes && identity.has(tag)) changed.push(tag);
      entries.set(tag, entryAt(index, at));
    }
    const header = new RpmHeader(entries, data, undefined);
    const edited = region === undefined ? undefined : editOf(header, { blob, start, region, changed });
    return edited === undefined ? header : new RpmHeader(entries, data, edited);
  }

  /** The text of a tag, the first where there are several languages. */
  string(tag: number): string | undefined {
    return this.strings(tag, 1)?.[0];
  }

  /** Up to `most` texts of a tag; `undefined` when it is missing, of another type, or leads out of the data. */
  strings(tag: number, most: number): string[] | undefined {
    const entry = this.#entries.get(tag);
    if (entry === undefined || !stringTypes.has(entry.type)) return undefined;
    const texts: string[] = [];
    const count = Math.min(entry.type === 6 ? 1 : entry.count, most);
    for (let at = entry.offset; texts.length < count;) {
      const end = at < this.#data.length ? this.#data.indexOf(0, at) : -1;
      if (end === -1) return undefined;
      texts.push(this.#data.toString("utf8", at, end));
      at = end + 1;
    }
    return texts;
  }

  /** Up to `most` numbers of a tag; `undefined` when it is missing, of another type, or leads out of the data. */
  numbers(tag: number, most: number): number[] | undefined {
    const entry = this.#entries.get(tag);
    const bytes = numberBytes.get(entry?.type ?? 0);
    if (entry === undefined || bytes === undefined) return undefined;
    const count = Math.min(entry.count, most);
    if (entry.offset + count * bytes > this.#data.length) return undefined;
    return Array.from({ length: count }, (_, index) => this.#data.readUIntBE(entry.offset + index * bytes, bytes));
  }

  /** How many values the index says that a tag has. */
  count(tag: number): number {
    return this.#entries.get(tag)?.count ?? 0;
  }
}

function entryAt(index: Buffer, at: number): IndexEntry {
  return { type: index.readUInt32BE(at + 4), offset: index.readUInt32BE(at + 8), count: index.readUInt32BE(at + 12) };
}

/** The part of a header that is as it was built. */
interface Region {
  readonly entries: number;
  readonly bytes: number;
}

/** The region that a header begins with; none in headers of rpm 3. */
function regionOf(index: Buffer, data: Buffer): Region | string | undefined {
  const tag = index.readUInt32BE(0);
  if (tag < 61 || tag > 63) return undefined;
  const { offset } = entryAt(index, 0);
  if (offset + entryBytes > data.length) return "the region of its header lies outside of the data";
  const entries = -data.readInt32BE(offset + 8) / entryBytes;
  if (!Number.isInteger(entries) || entries < 1 || entries * entryBytes > index.length) {
    return `the region of its header says that it has ${entries} entries`;
  }
  return { entries, bytes: offset + entryBytes };
}

interface Built {
  readonly blob: Buffer;
  /** Where the data begins. */
  readonly start: number;
  readonly region: Region;
  /** Tags of the package's identity that stand outside of the region. */
  readonly changed: readonly number[];
}

/** How a header that holds a checksum of itself was changed after it was built. */
function editOf(header: RpmHeader, { blob, start, region, changed }: Built): string | undefined {
  const sha256 = header.string(rpmTags.sha256Header);
  const wanted = sha256 ?? header.string(rpmTags.sha1Header);
  if (wanted === undefined) return undefined;
  if (changed.length > 0)
    return `the tags ${changed.slice(0, 10).join(", ")} were put in place of those it was built with`;
  const hash = createHash(sha256 === undefined ? "sha1" : "sha256");
  const sizes = Buffer.alloc(16);
  sizes.write("8eade80100000000", "hex");
  sizes.writeUInt32BE(region.entries, 8);
  sizes.writeUInt32BE(region.bytes, 12);
  hash.update(sizes);
  hash.update(blob.subarray(8, 8 + region.entries * entryBytes));
  hash.update(blob.subarray(start, start + region.bytes));
  return hash.digest("hex") === wanted.toLowerCase() ? undefined : "it does not have the checksum that it holds";
}
