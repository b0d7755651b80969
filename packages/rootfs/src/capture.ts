import { Buffer } from "node:buffer";
import { readSync, writeSync } from "node:fs";
import { ScError } from "@sc/model";
import type { CapturedFile } from "./entry.ts";
import type { CaptureMemory } from "./capture-memory.ts";
import { joinParts } from "./file-parts.ts";
import type { FilePart } from "./file-reader.ts";
import type { RootfsLimits } from "./limits.ts";
import type { SpoolFile, SpoolFiles } from "./spool-files.ts";

const defaultMaxBytes = 64 * 2 ** 20;

/** What a captured file is called. */
export interface CaptureEntry {
  readonly path: string;
  readonly mode: number;
}

/** Where captured bytes may go, and which. */
export interface CaptureOptions {
  readonly memory: CaptureMemory;
  readonly spools: SpoolFiles;
  readonly limits: RootfsLimits;
  /** What is held of the file; all of it when not given. */
  readonly parts?: readonly FilePart[] | undefined;
}

/** Holds the bytes of one wanted file, or parts of it: in memory while the budget lasts, else in a file that has no name. */
export class FileCapture implements Disposable {
  readonly #size: number;
  readonly #lender: CaptureMemory;
  readonly #parts: readonly HeldPart[];
  readonly #heldBytes: number;
  readonly #memory: Buffer<ArrayBuffer> | undefined;
  readonly #spools: SpoolFiles;
  readonly #spool: SpoolFile | undefined;
  /** Bytes of the file that have passed, and of them those that are held. */
  #passed = 0;
  #filled = 0;
  /** The first part that has not passed. */
  #next = 0;
  #open = true;
  #missed = false;

  constructor(size: number, { memory, spools, limits, parts }: CaptureOptions) {
    this.#size = size;
    this.#lender = memory;
    this.#parts = placeParts(parts === undefined ? [{ start: 0, end: size }] : joinParts(parts, size));
    this.#heldBytes = this.#parts.reduce((sum, { start, end }) => sum + end - start, 0);
    this.#memory = this.#heldBytes <= limits.maxMemoryFileBytes ? memory.take(this.#heldBytes) : undefined;
    this.#spools = spools;
    this.#spool = this.#memory === undefined ? spools.take() : undefined;
  }

  /** Bytes of the whole file. */
  get size(): number {
    return this.#size;
  }

  /** Whether the bytes are in memory. */
  get inMemory(): boolean {
    return this.#memory !== undefined;
  }

  /** Whether somebody looked at a part that is not held; false again after it was asked. */
  takeMissed(): boolean {
    const missed = this.#missed;
    this.#missed = false;
    return missed;
  }

  /** Adds bytes; more than the file's size is an error of the caller. */
  append(piece: Uint8Array): void {
    const from = this.#passed;
    this.#passed += piece.length;
    for (let part = this.#parts[this.#next]; part !== undefined; part = this.#parts[this.#next]) {
      if (part.start >= this.#passed) return;
      const start = Math.max(part.start, from) - from;
      this.#hold(piece.subarray(start, Math.min(part.end, this.#passed) - from));
      if (part.end > this.#passed) return;
      this.#next += 1;
    }
  }

  #hold(bytes: Uint8Array): void {
    if (this.#memory !== undefined) this.#memory.set(bytes, this.#filled);
    else if (this.#spool !== undefined) writeAll(this.#spool.descriptor, bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** The file as readers see it, under the given name. */
  as(entry: CaptureEntry): CapturedFile {
    const readAt: CapturedFile["readAt"] = (offset, length, into) => this.#readAt(offset, length, into);
    const bytes = (maxBytes: number = defaultMaxBytes): Uint8Array => {
      if (this.#size > maxBytes) {
        throw new ScError(
          "FILE_TOO_LARGE",
          `${JSON.stringify(entry.path)} has ${this.#size} bytes, at most ${maxBytes} are read at once`,
        );
      }
      return this.#readAt(0, this.#size);
    };
    const text = (maxBytes?: number): string => {
      const content = bytes(maxBytes);
      return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("utf8");
    };
    const lender = this.#lender;
    const alone = <Result>(work: () => Result): { readonly result: Result } | undefined => lender.alone(work);
    return { path: entry.path, size: this.#size, mode: entry.mode, bytes, text, readAt, alone };
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    if (this.#memory !== undefined) this.#lender.giveBack(this.#memory);
    if (this.#spool === undefined) return;
    this.#spool.length = Math.max(this.#spool.length, this.#filled);
    this.#spools.giveBack(this.#spool);
  }

  #readAt(offset: number, length: number, into?: Uint8Array): Uint8Array {
    if (!this.#open) throw new Error("a captured file was read after the call it was given to");
    // What was not written holds whatever the memory or the file held before.
    const start = Math.min(Math.max(offset, 0), this.#passed);
    const end = Math.min(start + Math.max(length, 0), this.#passed);
    const at = this.#heldAt(start, end);
    if (this.#memory !== undefined) return this.#memory.subarray(at, at + end - start);
    const given = into !== undefined && into.length >= end - start;
    const bytes = given ? into.subarray(0, end - start) : Buffer.allocUnsafe(end - start);
    for (let done = 0; done < bytes.length;) {
      const read = readSync(this.#spool?.descriptor ?? -1, bytes, done, bytes.length - done, at + done);
      if (read === 0) break;
      done += read;
    }
    return bytes;
  }

  /** Where a stretch of the file is held; throws, and remembers it, where it is not. */
  #heldAt(start: number, end: number): number {
    if (start === end) return 0;
    const part = this.#parts.find((one) => start >= one.start && end <= one.end);
    if (part !== undefined) return part.at + start - part.start;
    this.#missed = true;
    throw new Error("a part of a captured file was read that is not held");
  }
}

/** A part, and where its bytes lie among those that are held. */
interface HeldPart extends FilePart {
  readonly at: number;
}

function placeParts(parts: readonly FilePart[]): readonly HeldPart[] {
  let at = 0;
  return parts.map(({ start, end }) => {
    at += end - start;
    return { start, end, at: at - (end - start) };
  });
}

function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, position + at);
}
