import { Buffer } from "node:buffer";
import { GrowingBytes } from "./growing-bytes.ts";

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

/**
 * Writes the entries of a layer in a compact form, in order: about 20 bytes each, so that millions can be kept.
 *
 * A path is written as what differs from the path before it. Text is one byte a character where it can be, else two:
 * unlike UTF-8 this keeps names apart that are no valid text.
 */
export class EntryLogWriter {
  readonly #room = new GrowingBytes();
  #bytes: Buffer = this.#room.bytes;
  #length = 0;
  #previous = "";
  #entries = 0;

  /** Entries written so far; the next one has this index. */
  get entries(): number {
    return this.#entries;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#length;
  }

  /** Appends one entry. */
  add(entry: LogEntry): void {
    const shared = sharedPrefix(this.#previous, entry.path);
    const suffix = shared === 0 ? entry.path : entry.path.slice(shared);
    this.#reserve(64 + 2 * (suffix.length + entry.linkTarget.length));
    this.#bytes[this.#length++] = kinds.indexOf(entry.kind);
    this.#number(shared);
    this.#text(suffix);
    this.#number(entry.mode);
    this.#number(entry.size);
    this.#text(entry.linkTarget);
    this.#previous = entry.path;
    this.#entries++;
  }

  /** The log as written so far; nothing can be added after it was taken. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#room.take(this.#length);
  }

  #reserve(bytes: number): void {
    this.#bytes = this.#room.reserve(this.#length + bytes);
  }

  #number(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  #text(text: string): void {
    if (text === "") {
      this.#bytes[this.#length++] = 0;
      return;
    }
    const wide = isWide(text);
    this.#number(text.length * 2 + (wide ? 1 : 0));
    this.#length += this.#bytes.write(text, this.#length, wide ? "utf16le" : "latin1");
  }
}

/** The entries that a log holds, in order. Throws `RangeError` where it is damaged. */
export function* readEntryLog(log: Uint8Array): Generator<LogEntry, void, undefined> {
  const bytes = Buffer.from(log.buffer, log.byteOffset, log.byteLength);
  let at = 0;
  let previous = "";
  const number = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 127) * scale;
      if (byte < 128) break;
      scale *= 128;
    }
    if (!Number.isSafeInteger(value)) throw new RangeError("a number in the entry log is too large");
    return value;
  };
  const text = (): string => {
    const header = number();
    if (header === 0) return "";
    const wide = header % 2 === 1;
    const length = Math.floor(header / 2) * (wide ? 2 : 1);
    if (at + length > bytes.length || header > 0xffff) throw new RangeError("the entry log is cut short");
    at += length;
    return bytes.toString(wide ? "utf16le" : "latin1", at - length, at);
  };
  while (at < bytes.length) {
    const kind = kinds[bytes.readUInt8(at++)];
    if (kind === undefined) throw new RangeError("the entry log holds an unknown kind");
    const path = previous.slice(0, number()) + text();
    const mode = number();
    const size = number();
    const linkTarget = text();
    yield { path, kind, size, mode, linkTarget };
    previous = path;
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
