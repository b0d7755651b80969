import { Buffer } from "node:buffer";
import type { FilePart } from "@sc/rootfs";
import { hasRoom, noteCut } from "./cuts.ts";

/** What is looked for: a pattern around a text that is always the same. */
export interface TextPattern {
  /** Looked for byte by byte, which is fast; the pattern is tried where it stands. */
  readonly literal: string;
  /** Its first group is what is wanted. Tried on 512 letters around each literal, so that its time is bounded. */
  readonly pattern: RegExp;
}

const before = 128;
const after = 384;
const maxHits = 20_000;
/** The largest binaries with a version in them, those of databases and languages, have 200 MiB. */
const maxSearchBytes = 512 * 1_048_576;
/** What is searched at once. It stays in the processor's cache. */
const windowBytes = 256 * 1024;

/** Looks for the first place where a pattern fits, as Latin-1. */
export class TextSearch {
  /** What was found. */
  found: string | undefined;
  readonly #pattern: RegExp;
  readonly #literal: Buffer;
  /** How many NULs the literal begins with: a program is full of them, so the rest is looked for. */
  readonly #nuls: number;
  #hits = 0;
  #cut = false;

  constructor({ literal, pattern }: TextPattern) {
    this.#pattern = pattern;
    this.#nuls = /^\0*/.exec(literal.slice(0, -1))?.[0].length ?? 0;
    this.#literal = Buffer.from(literal.slice(this.#nuls), "latin1");
  }

  /** Whether looking further can change anything. */
  get open(): boolean {
    return this.found === undefined && !this.#cut;
  }

  /** Looks at the literals that begin from one place of a window up to another. */
  look(window: Buffer, from: number, to: number): void {
    const length = this.#literal.length;
    // What comes first in the window after a literal need not be all there.
    const end = Math.min(window.length, to + this.#nuls + length - 1);
    const searched = window.subarray(0, end);
    for (
      let at = searched.indexOf(this.#literal, from + this.#nuls);
      at !== -1 && this.open;
      at = searched.indexOf(this.#literal, at + 1)
    ) {
      const start = at - this.#nuls;
      if (this.#nuls > 0 && !isZero(window, start, at)) continue;
      if (this.#hits >= maxHits) this.#cut = true;
      else {
        this.#hits += 1;
        const around = window.toString("latin1", Math.max(0, start - before), start + after);
        this.found = this.#pattern.exec(around)?.[1];
      }
    }
  }

  /** What was found; notes where there was too much to look at. */
  finish(): string | undefined {
    if (this.#cut) noteCut(`more than ${maxHits} places that look like a version`);
    return this.found;
  }
}

/** How a file is searched that passes. */
export interface PassingSearchOptions {
  /** Bytes of the file. */
  readonly size: number;
  /** Looks at what begins from one place of a window up to another; says whether more is wanted. */
  look(window: Buffer, from: number, to: number): boolean;
  /** Stretches of the file, in order, that need not be searched: asked once, with the first window of a large file. */
  skip?(first: Buffer): readonly FilePart[];
}

/** Searches a file as it passes: windows overlap, so that what is looked for is found across the borders of its pieces. */
export class PassingSearch {
  readonly #window: Buffer;
  readonly #options: PassingSearchOptions;
  /** Those that are left of what need not be searched. */
  #skips: FilePart[] | undefined;
  #filled = 0;
  /** Where in the window literals begin that have not been looked for. */
  #next = 0;
  #bytes = 0;
  #wanted = true;

  constructor(options: PassingSearchOptions) {
    // One more than a small file has: it then never slides.
    this.#window = Buffer.allocUnsafeSlow(Math.min(windowBytes, options.size + 1));
    this.#options = options;
  }

  /** The next bytes; false once no more are wanted. */
  push(piece: Uint8Array): boolean {
    for (let at = 0; at < piece.length && this.#wanted;) {
      const left = Math.min(piece.length - at, maxSearchBytes - this.#bytes);
      const taken = this.#pass(left) || this.#fill(piece.subarray(at, at + left));
      this.#bytes += taken;
      at += taken;
      if (this.#filled === this.#window.length) this.#slide();
      if (this.#bytes === maxSearchBytes) this.#wanted = false;
    }
    return this.#wanted;
  }

  /** Looks at the rest. */
  finish(): void {
    if (this.#next < this.#filled) {
      this.#wanted = this.#options.look(this.#window.subarray(0, this.#filled), this.#next, this.#filled);
    }
    this.#filled = 0;
    this.#next = 0;
  }

  /** Passes over what need not be searched; how many bytes of those to come that is. */
  #pass(left: number): number {
    const skip = this.#skips?.[0];
    if (skip === undefined || skip.start > this.#bytes) return 0;
    // What stands behind it does not follow on what stood before.
    this.finish();
    if (skip.end <= this.#bytes + left) this.#skips?.shift();
    return Math.max(0, Math.min(left, skip.end - this.#bytes));
  }

  /** Adds to the window what there is room for, and what comes before the next stretch that is passed over. */
  #fill(piece: Uint8Array): number {
    const most = Math.min(this.#window.length - this.#filled, (this.#skips?.[0]?.start ?? Infinity) - this.#bytes);
    const taken = Math.max(0, Math.min(piece.length, most));
    this.#window.set(piece.subarray(0, taken), this.#filled);
    this.#filled += taken;
    return taken;
  }

  #slide(): void {
    const to = this.#filled - after;
    this.#wanted = this.#options.look(this.#window, this.#next, to);
    this.#skips ??= [...(this.#options.skip?.(this.#window) ?? [])];
    const kept = Math.max(0, to - before);
    this.#window.copyWithin(0, kept, this.#filled);
    this.#filled -= kept;
    this.#next = to - kept;
  }
}

/** Notes where a file is longer than is searched. */
export function noteUnsearched(size: number): void {
  hasRoom(size - 1, maxSearchBytes, "bytes of a program that is searched");
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] !== 0) return false;
  return true;
}
