import { Buffer } from "node:buffer";
import { CodeUnits } from "./code-units.ts";

/** What one line of a layer's log is: an entry, or what a whiteout says. */
export type LogKind = "file" | "directory" | "symlink" | "hardlink" | "other" | "whiteout" | "opaque";

/** One line of a layer's log. */
export interface LogEntry {
  /** Normalised; for a whiteout what it hides, for an opaque one the directory. */
  readonly path: string;
  readonly kind: LogKind;
  readonly size: number;
  readonly mode: number;
  /** The target of a symlink as written, of a hard link normalised; `""` for everything else. */
  readonly linkTarget: string;
}

const kinds: readonly LogKind[] = ["file", "directory", "symlink", "hardlink", "other", "whiteout", "opaque"];
const slash = 0x2f;
const none = -1;

/** The entries of a layer in pieces, none of which ends within an entry. */
export type EntryLog = readonly Uint8Array<ArrayBuffer>[];

/** The bytes of a log. */
export function logBytes(log: EntryLog): number {
  return log.reduce((sum, { length }) => sum + length, 0);
}

// Pages that are not written to take no memory.
const pieceBytes = 2 ** 20;

/**
 * Writes the entries of a layer in a compact form, in order: about 20 bytes each, so that millions can be kept.
 *
 * A path is written as what differs from the path before it. Text is one byte a character where it can be, else two:
 * unlike UTF-8 this keeps names apart that are no valid text.
 */
export class EntryLogWriter {
  readonly #full: Uint8Array<ArrayBuffer>[] = [];
  #fullBytes = 0;
  #piece: Buffer<ArrayBuffer> = Buffer.alloc(0);
  #length = 0;
  #previous = "";
  #entries = 0;

  /** Entries written so far; the next one has this index. */
  get entries(): number {
    return this.#entries;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#fullBytes + this.#length;
  }

  /** Appends one entry. */
  add(entry: LogEntry): void {
    const shared = sharedPrefix(this.#previous, entry.path);
    const suffix = shared === 0 ? entry.path : entry.path.slice(shared);
    this.#reserve(64 + 2 * (suffix.length + entry.linkTarget.length));
    this.#piece[this.#length++] = kinds.indexOf(entry.kind);
    this.#number(shared);
    this.#text(suffix);
    this.#number(entry.mode);
    this.#number(entry.size);
    this.#text(entry.linkTarget);
    this.#previous = entry.path;
    this.#entries++;
  }

  /** The log as written so far. */
  finish(): EntryLog {
    // The last piece is mostly empty, and what crosses to another thread is whole buffers.
    return [...this.#full, Uint8Array.from(this.#piece.subarray(0, this.#length))];
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#piece.length) return;
    if (this.#length > 0) this.#full.push(this.#piece.subarray(0, this.#length));
    this.#fullBytes += this.#length;
    this.#piece = Buffer.allocUnsafeSlow(Math.max(pieceBytes, bytes));
    this.#length = 0;
  }

  #number(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.#piece[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#piece[this.#length++] = rest;
  }

  #text(text: string): void {
    if (text === "") {
      this.#piece[this.#length++] = 0;
      return;
    }
    const wide = isWide(text);
    this.#number(text.length * 2 + (wide ? 1 : 0));
    this.#length += this.#piece.write(text, this.#length, wide ? "utf16le" : "latin1");
  }
}

/**
 * Reads the entries of a log, in order. What it shows is of the entry that `next` came to; no string is made of what nobody asks
 * for.
 */
export class EntryLogReader {
  kind: LogKind = "other";
  size = 0;
  mode = 0;
  /** The path, from 0 on, and in it the name: what follows the last slash. */
  readonly units: CodeUnits = new CodeUnits();
  /** How many units of the path are those of the path before it. */
  shared = 0;
  readonly #log: EntryLog;
  readonly #spent: boolean;
  /** The pieces that were begun. */
  #pieces = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #link = 0;

  /** With `spent` the memory of each piece is given back once it was read: the log is empty after it. */
  constructor(log: EntryLog, { spent = false }: { readonly spent?: boolean } = {}) {
    this.#log = log;
    this.#spent = spent;
  }

  /** Goes on to the next entry; false at the end. Throws `RangeError` where the log is damaged. */
  next(): boolean {
    if (this.#at >= this.#bytes.length && !this.#nextPiece()) return false;
    const kind = kinds[this.#byte()];
    if (kind === undefined) throw new RangeError("the entry log holds an unknown kind");
    this.kind = kind;
    this.shared = this.#number();
    if (this.shared > this.units.to) throw new RangeError("a path in the entry log goes on from more than there is");
    this.#path();
    this.mode = this.#number();
    this.size = this.#number();
    this.#link = this.#at;
    const link = this.#number();
    this.#skip(link);
    return true;
  }

  /** The whole path. */
  get path(): string {
    return this.units.text(0, this.units.to);
  }

  /** The target of a symlink as written, of a hard link normalised; `""` for everything else. */
  get linkTarget(): string {
    const end = this.#at;
    this.#at = this.#link;
    const header = this.#number();
    const start = this.#at;
    this.#at = end;
    return this.#bytes.toString(isWideText(header) ? "utf16le" : "latin1", start, end);
  }

  /** Goes on to the next piece that holds anything. */
  #nextPiece(): boolean {
    const last = this.#log[this.#pieces - 1];
    // Given back now and not when garbage is collected: a log of millions takes as much as what becomes of it.
    if (this.#spent && last !== undefined) last.buffer.transfer(0);
    const piece = this.#log[this.#pieces];
    this.#pieces += 1;
    if (piece === undefined) return false;
    this.#bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    this.#at = 0;
    return piece.length > 0 || this.#nextPiece();
  }

  #path(): void {
    const { units, shared } = this;
    const header = this.#number();
    const start = this.#at;
    this.#skip(header);
    const length = Math.floor(header / 2);
    units.reserve(shared + length);
    const { codes } = units;
    const bytes = this.#bytes;
    let name = units.from <= shared ? units.from : none;
    for (let to = shared, at = start; at < this.#at; to++) {
      const code = isWideText(header) ? (bytes[at++] ?? 0) | ((bytes[at++] ?? 0) << 8) : (bytes[at++] ?? 0);
      codes[to] = code;
      if (code === slash) name = to + 1;
    }
    if (name === none) {
      name = shared;
      while (name > 0 && codes[name - 1] !== slash) name--;
    }
    units.from = name;
    units.to = shared + length;
  }

  /** Passes over a text with that header. */
  #skip(header: number): void {
    const bytes = isWideText(header) ? header - 1 : header >>> 1;
    if (header > 0xffff || this.#at + bytes > this.#bytes.length) throw new RangeError("the entry log is cut short");
    this.#at += bytes;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError("the entry log is cut short");
    return byte;
  }

  #number(): number {
    const first = this.#byte();
    if (first < 128) return first;
    let value = first & 127;
    for (let scale = 128; ; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) break;
    }
    if (!Number.isSafeInteger(value)) throw new RangeError("a number in the entry log is too large");
    return value;
  }
}

function sharedPrefix(left: string, right: string): number {
  const limit = Math.min(left.length, right.length);
  let at = 0;
  while (at < limit && left.charCodeAt(at) === right.charCodeAt(at)) at++;
  return at;
}

/** Whether a text has a character that does not fit into one byte. */
export function isWide(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 255) return true;
  }
  return false;
}

/** Whether a text of the log has two bytes a character. */
function isWideText(header: number): boolean {
  return header % 2 === 1;
}
