import { Buffer } from "node:buffer";
import { ScError } from "@sc/model";
import { type ArchiveLimits, archiveLimits } from "./limits.ts";
import { parsePaxRecords } from "./pax-records.ts";
import type { TarEntry, TarEntryType, TarReaderOptions, TarSummary, TarVisitor } from "./tar-entry.ts";
import {
  blockBytes,
  blockOf,
  isZeroBlock,
  parseTarHeader,
  parseTarNumber,
  type RawTarHeader,
  readName,
  type TarBytes,
  viewTar,
} from "./tar-header.ts";
import {
  isSparseMapSound,
  parseSparseMap,
  readSparseTable,
  SparseExpander,
  type SparseExtent,
  SparseMapCollector,
} from "./tar-sparse.ts";

type Phase = "header" | "extended" | "sparse-table" | "sparse-map" | "after-zero-block" | "ended";

const entryTypes: Readonly<Record<string, TarEntryType>> = {
  "\0": "file",
  "0": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "character-device",
  "4": "block-device",
  "5": "directory",
  "6": "fifo",
  "7": "file",
  S: "file",
};

/**
 * Reads a tar that is pushed in chunk by chunk, and tells a visitor what passes.
 *
 * Reads v7, ustar, pax and GNU archives, GNU sparse files in all four formats (their holes come as zeros). Everything
 * is synchronous inside a chunk; content that is not wanted is skipped by counting. The events do not depend on how
 * the bytes are cut into chunks. Where readers in use disagree about an archive, it is refused, or read as Go's
 * archive/tar reads it, which unpacks layers in practice.
 *
 * Throws `TAR_INVALID`, `TAR_TRUNCATED`, `ARCHIVE_LIMIT_EXCEEDED`, and what the visitor throws.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 * @see https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */
export class TarReader {
  readonly #visitor: TarVisitor;
  readonly #where: string;
  readonly #limits: ArchiveLimits;

  #phase: Phase = "header";
  /** A block that lies in more than one chunk. */
  readonly #block: TarBytes = viewTar(Buffer.allocUnsafeSlow(blockBytes));
  #blockFilled = 0;
  /** Bytes of content still to come, and bytes to skip after them. */
  #content = 0;
  #padding = 0;
  #wanted = false;
  #sparse: SparseExpander | undefined;

  #extended: Buffer = Buffer.alloc(0);
  #extendedFilled = 0;
  #extendedType = "";
  #extendedCount = 0;
  #pax: ReadonlyMap<string, string> | undefined;
  #longName: string | undefined;
  #longLink: string | undefined;

  #pending: { readonly entry: TarEntry; stored: number } | undefined;
  #extents: SparseExtent[] = [];
  #mapCollector: SparseMapCollector | undefined;
  #mapBytes = 0;

  #entries = 0;
  #trailingData = false;

  constructor(visitor: TarVisitor, options: TarReaderOptions) {
    this.#visitor = visitor;
    this.#where = options.where;
    this.#limits = { ...archiveLimits, ...options.limits };
  }

  /** Reads the next bytes of the archive. */
  push(chunk: Uint8Array): void {
    const pushed = viewTar(chunk);
    const { bytes } = pushed;
    let at = 0;
    while (at < bytes.length) {
      if (this.#content > 0) at = this.#passContent(bytes, at);
      else if (this.#padding > 0) at = this.#passPadding(bytes, at);
      else if (this.#phase === "extended") at = this.#collectExtended(bytes, at);
      else if (this.#phase === "ended") at = this.#passTrailing(bytes, at);
      else at = this.#collectBlock(pushed, at);
    }
  }

  /** Says that no more bytes come. An archive without end blocks is complete when no entry is cut. */
  end(): TarSummary {
    const inside = this.#content > 0 || this.#blockFilled > 0;
    const between = this.#phase === "extended" || this.#phase === "sparse-table" || this.#phase === "sparse-map";
    if (inside || between) {
      throw new ScError("TAR_TRUNCATED", `${this.#where}: the tar ends inside entry ${this.#entries + 1}`);
    }
    return { entries: this.#entries, trailingData: this.#trailingData };
  }

  #passContent(bytes: Buffer, at: number): number {
    const length = Math.min(this.#content, bytes.length - at);
    this.#content -= length;
    if (this.#wanted) {
      const piece = bytes.subarray(at, at + length);
      this.#wanted = this.#sparse === undefined ? this.#visitor.content(piece) : this.#sparse.write(piece);
    }
    if (this.#content === 0) this.#endContent();
    return at + length;
  }

  #endContent(): void {
    const wanted = this.#wanted && (this.#sparse === undefined || this.#sparse.finish());
    this.#wanted = false;
    this.#sparse = undefined;
    if (wanted) this.#visitor.contentEnd();
  }

  #passPadding(bytes: Buffer, at: number): number {
    const length = Math.min(this.#padding, bytes.length - at);
    this.#padding -= length;
    return at + length;
  }

  #passTrailing(bytes: Buffer, at: number): number {
    for (let index = at; index < bytes.length && !this.#trailingData; index++) {
      if (bytes[index] !== 0) this.#trailingData = true;
    }
    return bytes.length;
  }

  #collectBlock(pushed: TarBytes, at: number): number {
    const { bytes } = pushed;
    if (this.#blockFilled === 0 && at + blockBytes <= bytes.length) {
      this.#blockRead(pushed, at);
      return at + blockBytes;
    }
    const copied = bytes.copy(this.#block.bytes, this.#blockFilled, at);
    this.#blockFilled += copied;
    if (this.#blockFilled === blockBytes) {
      this.#blockFilled = 0;
      this.#blockRead(this.#block, 0);
    }
    return at + copied;
  }

  #blockRead(from: TarBytes, at: number): void {
    if (this.#phase === "sparse-table") this.#sparseTableRead(blockOf(from, at));
    else if (this.#phase === "sparse-map") this.#sparseMapRead(blockOf(from, at));
    else if (isZeroBlock(from.bytes, at)) {
      this.#phase = this.#phase === "after-zero-block" ? "ended" : "after-zero-block";
    } else this.#headerRead(from, at);
  }

  #headerRead(from: TarBytes, at: number): void {
    if (this.#phase === "after-zero-block") this.#invalid("a block of zeros stands between two entries");
    const header = parseTarHeader(from, at);
    if (typeof header === "string") this.#invalid(`the header cannot be read: ${header}`);
    switch (header.typeFlag) {
      case "x":
      case "g":
      case "L":
      case "K":
        return this.#beginExtended(header);
      default:
        return this.#beginEntry(header, from, at);
    }
  }

  // Extended headers. What waits for the next entry is never applied to another extended header: a size taken from
  // pax records for one of those would let a stream be cut into entries in two ways.

  #beginExtended(header: RawTarHeader): void {
    const { maxExtendedHeaderBytes, maxExtendedHeaders } = this.#limits;
    if (header.size > maxExtendedHeaderBytes) {
      this.#refuse(`an extended header has ${header.size} bytes, at most ${maxExtendedHeaderBytes} may be`);
    }
    if (++this.#extendedCount > maxExtendedHeaders) {
      this.#refuse(`more than ${maxExtendedHeaders} extended headers stand before one entry`);
    }
    this.#extendedType = header.typeFlag;
    this.#extended = Buffer.allocUnsafe(header.size);
    this.#extendedFilled = 0;
    this.#phase = "extended";
    if (header.size === 0) this.#extendedRead();
  }

  #collectExtended(bytes: Buffer, at: number): number {
    const copied = bytes.copy(this.#extended, this.#extendedFilled, at);
    this.#extendedFilled += copied;
    if (this.#extendedFilled === this.#extended.length) this.#extendedRead();
    return at + copied;
  }

  #extendedRead(): void {
    const body = this.#extended;
    this.#padding = paddingOf(body.length);
    this.#phase = "header";
    this.#extended = Buffer.alloc(0);
    if (this.#extendedType === "L") this.#longName = readName(body, 0, body.length);
    else if (this.#extendedType === "K") this.#longLink = readName(body, 0, body.length);
    else this.#recordsRead(body);
  }

  #recordsRead(body: Buffer): void {
    const records = parsePaxRecords(body);
    if (typeof records === "string") this.#invalid(`the extended header cannot be read: ${records}`);
    if (this.#extendedType === "x") {
      this.#pax = records;
      return;
    }
    // Go forgets what waits when a global header comes, GNU tar and bsdtar keep it.
    const waiting = this.#pax !== undefined || this.#longName !== undefined || this.#longLink !== undefined;
    if (waiting) this.#invalid("a global header stands between an extended header and its entry");
    this.#extendedCount = 0;
    this.#visitor.globalRecords?.(records);
  }

  // Entries.

  #beginEntry(header: RawTarHeader, from: TarBytes, at: number): void {
    const pax = this.#pax ?? noRecords;
    const stored = this.#numberOf(pax, "size") ?? header.size;
    const path = nonEmpty(this.#longName) ?? nonEmpty(pax.get("path")) ?? header.name;
    const linkPath = nonEmpty(this.#longLink) ?? nonEmpty(pax.get("linkpath")) ?? header.linkName;
    const type = typeOf(header.typeFlag, path);
    const file = type === "file";
    const link = type === "symlink" || type === "hardlink";
    const entry: TarEntry = {
      path,
      type,
      size: file ? stored : 0,
      mode: header.mode,
      linkPath: link ? linkPath : "",
    };
    this.#checkLength(path);
    this.#checkLength(entry.linkPath);
    this.#forgetExtended();
    if (header.typeFlag === "S") this.#beginOldSparse({ entry, stored, block: blockOf(from, at) });
    else if (file && isSparse(pax)) this.#beginPaxSparse({ entry, stored, pax });
    else this.#beginContent(entry, file || type === "other" ? stored : 0);
  }

  #forgetExtended(): void {
    this.#pax = undefined;
    this.#longName = undefined;
    this.#longLink = undefined;
    this.#extendedCount = 0;
    this.#phase = "header";
  }

  #beginContent(entry: TarEntry, stored: number, sparse?: SparseExpander): void {
    if (++this.#entries > this.#limits.maxEntries) this.#refuse(`it has more than ${this.#limits.maxEntries} entries`);
    this.#sparse = sparse;
    this.#wanted = this.#visitor.entry(entry) && entry.type === "file";
    this.#content = stored;
    this.#padding = paddingOf(stored);
    if (stored === 0) this.#endContent();
  }

  #checkLength(path: string): void {
    const { maxPathBytes } = this.#limits;
    if (path.length <= maxPathBytes / 3) return;
    const bytes = Buffer.byteLength(path);
    if (bytes > maxPathBytes) this.#refuse(`a path has ${bytes} bytes, at most ${maxPathBytes} may be`);
  }

  #numberOf(pax: ReadonlyMap<string, string>, key: string): number | undefined {
    const text = nonEmpty(pax.get(key));
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(value)) return value;
    return this.#invalid(`the pax record ${key} is ${JSON.stringify(text.slice(0, 40))}, not a number`);
  }

  // Sparse files.

  #beginOldSparse({ entry, stored, block }: SparseBegin & { readonly block: Buffer }): void {
    const realSize = parseTarNumber(block, 483, 12);
    if (realSize === undefined) this.#invalid("the real size of a sparse file is not a number");
    this.#extents = [];
    this.#mapBytes = 0;
    this.#pending = { entry: { ...entry, size: realSize, sparse: true }, stored };
    this.#sparseTableRead(block, false);
  }

  #sparseTableRead(block: Buffer, continuation = true): void {
    this.#countMapBytes(block.length);
    const state = readSparseTable(block, this.#extents, continuation);
    if (state === undefined) this.#invalid("the table of a sparse file holds no numbers");
    this.#phase = state === "more" ? "sparse-table" : "header";
    if (state === "done") this.#beginSparseContent(this.#extents);
  }

  #beginPaxSparse({ entry, stored, pax }: SparseBegin & { readonly pax: ReadonlyMap<string, string> }): void {
    const version = `${pax.get("GNU.sparse.major") ?? ""}.${pax.get("GNU.sparse.minor") ?? ""}`;
    const realSize = this.#numberOf(pax, "GNU.sparse.size") ?? this.#numberOf(pax, "GNU.sparse.realsize") ?? stored;
    const path = nonEmpty(pax.get("GNU.sparse.name")) ?? entry.path;
    this.#checkLength(path);
    this.#pending = { entry: { ...entry, path, size: realSize, sparse: true }, stored };
    if (version === "1.0") {
      this.#mapCollector = new SparseMapCollector();
      this.#mapBytes = 0;
      this.#phase = "sparse-map";
      return;
    }
    if (version !== "0.0" && version !== "0.1" && version !== ".") {
      this.#invalid(`a sparse file has the unknown format ${JSON.stringify(version.slice(0, 20))}`);
    }
    const extents = parseSparseMap(pax.get("GNU.sparse.map") ?? "");
    this.#beginSparseContent(extents ?? this.#invalid("the map of a sparse file holds no numbers"));
  }

  #sparseMapRead(block: Buffer): void {
    this.#countMapBytes(block.length);
    const pending = this.#pending;
    if (pending === undefined || pending.stored < block.length) this.#invalid("the map of a sparse file is cut short");
    pending.stored -= block.length;
    const extents = this.#mapCollector?.add(block);
    if (extents === undefined) return;
    if (extents === "invalid") this.#invalid("the map of a sparse file holds no numbers");
    this.#mapCollector = undefined;
    this.#phase = "header";
    this.#beginSparseContent(extents);
  }

  #countMapBytes(bytes: number): void {
    this.#mapBytes += bytes;
    const { maxExtendedHeaderBytes } = this.#limits;
    if (this.#mapBytes > maxExtendedHeaderBytes) {
      this.#refuse(`the map of a sparse file has more than ${maxExtendedHeaderBytes} bytes`);
    }
  }

  #beginSparseContent(extents: readonly SparseExtent[]): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#extents = [];
    if (pending === undefined || !isSparseMapSound(extents, pending.entry.size, pending.stored)) {
      this.#invalid("the map of a sparse file does not fit its content");
    }
    const expander = new SparseExpander(extents, pending.entry.size, (piece) => this.#visitor.content(piece));
    this.#beginContent(pending.entry, pending.stored, expander);
  }

  #invalid(what: string): never {
    throw new ScError("TAR_INVALID", `${this.#where}: tar entry ${this.#entries + 1}: ${what}`);
  }

  #refuse(what: string): never {
    throw new ScError("ARCHIVE_LIMIT_EXCEEDED", `${this.#where}: tar entry ${this.#entries + 1}: ${what}`, {
      hint: "Raise the limit only for content you trust.",
    });
  }
}

interface SparseBegin {
  readonly entry: TarEntry;
  readonly stored: number;
}

const noRecords: ReadonlyMap<string, string> = new Map();

function typeOf(flag: string, path: string): TarEntryType {
  // Before ustar a directory was a file whose name ends with a slash.
  if (flag === "\0" && path.endsWith("/")) return "directory";
  return entryTypes[flag] ?? "other";
}

function isSparse(pax: ReadonlyMap<string, string>): boolean {
  return (
    pax.has("GNU.sparse.major") || pax.has("GNU.sparse.minor") || nonEmpty(pax.get("GNU.sparse.map")) !== undefined
  );
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function paddingOf(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}
