import type { Buffer } from "node:buffer";
import { parseTarNumber } from "./tar-header.ts";

/** A stretch of a sparse file that is stored; everything between two of them is zeros. */
export interface SparseExtent {
  readonly offset: number;
  readonly length: number;
}

/** Adds the extents of an old GNU header (at byte 386, four of them) or of its continuation block (at 0, 21). */
export function readSparseTable(
  block: Buffer,
  extents: SparseExtent[],
  continuation: boolean,
): "more" | "done" | undefined {
  const start = continuation ? 0 : 386;
  const count = continuation ? 21 : 4;
  for (let index = 0; index < count; index++) {
    const at = start + index * 24;
    if (block[at] === 0) break;
    const offset = parseTarNumber(block, at, 12);
    const length = parseTarNumber(block, at + 12, 12);
    if (offset === undefined || length === undefined) return undefined;
    extents.push({ offset, length });
  }
  return (block[start + count * 24] ?? 0) > 0 ? "more" : "done";
}

/** The extents that a pax record `GNU.sparse.map` lists: `offset,length,offset,length…`. */
export function parseSparseMap(text: string): readonly SparseExtent[] | undefined {
  return pairUp(text === "" ? [] : text.split(","));
}

/**
 * Extents written in front of the content (format 1.0): a count, then offsets and lengths, one decimal a line.
 *
 * Collects whole blocks until the count is met.
 */
export class SparseMapCollector {
  readonly #numbers: string[] = [];
  #rest = "";

  /** Takes one block; the extents once all are there, `invalid` when it is no map, `undefined` when more must come. */
  add(block: Buffer): readonly SparseExtent[] | "invalid" | undefined {
    const lines = (this.#rest + block.toString("latin1", 0, block.length)).split("\n");
    this.#rest = lines.pop() ?? "";
    this.#numbers.push(...lines);
    const [first] = this.#numbers;
    if (first === undefined) return this.#rest.length > 20 ? "invalid" : undefined;
    if (!/^\d{1,7}$/.test(first)) return "invalid";
    const wanted = Number(first) * 2 + 1;
    if (this.#numbers.length < wanted) return undefined;
    return pairUp(this.#numbers.slice(1, wanted)) ?? "invalid";
  }
}

function pairUp(numbers: readonly string[]): readonly SparseExtent[] | undefined {
  if (numbers.length % 2 !== 0 || numbers.some((text) => !/^\d{1,16}$/.test(text))) return undefined;
  const extents: SparseExtent[] = [];
  for (let at = 0; at < numbers.length; at += 2) {
    extents.push({ offset: Number(numbers[at]), length: Number(numbers[at + 1]) });
  }
  return extents;
}

/** Whether extents lie in order, apart, inside the file, and are together as long as what is stored. */
export function isSparseMapSound(extents: readonly SparseExtent[], realSize: number, storedSize: number): boolean {
  let end = 0;
  let stored = 0;
  for (const { offset, length } of extents) {
    if (offset < end || length < 0 || offset + length > realSize) return false;
    end = offset + length;
    stored += length;
  }
  return Number.isSafeInteger(realSize) && stored === storedSize;
}

const zeros: Uint8Array = new Uint8Array(64 * 1024);

/** Turns the stored bytes of a sparse file back into its content, holes as zeros, a bounded piece at a time. */
export class SparseExpander {
  readonly #extents: readonly SparseExtent[];
  readonly #realSize: number;
  readonly #emit: (piece: Uint8Array) => boolean;
  #index = 0;
  #position = 0;

  /** `emit` is given each piece and says whether more is wanted. */
  constructor(extents: readonly SparseExtent[], realSize: number, emit: (piece: Uint8Array) => boolean) {
    this.#extents = extents;
    this.#realSize = realSize;
    this.#emit = emit;
  }

  /** Takes stored bytes; false when no more is wanted. */
  write(stored: Uint8Array): boolean {
    let at = 0;
    while (at < stored.length) {
      const extent = this.#extents[this.#index];
      if (extent === undefined) return false;
      if (!this.#fillTo(extent.offset)) return false;
      const left = extent.offset + extent.length - this.#position;
      const piece = stored.subarray(at, at + left);
      at += piece.length;
      this.#position += piece.length;
      if (piece.length > 0 && !this.#emit(piece)) return false;
      if (piece.length === left) this.#index++;
    }
    return true;
  }

  /** Writes the hole at the end; false when no more is wanted. */
  finish(): boolean {
    return this.#fillTo(this.#realSize);
  }

  #fillTo(offset: number): boolean {
    while (this.#position < offset) {
      const piece = zeros.subarray(0, offset - this.#position);
      this.#position += piece.length;
      if (!this.#emit(piece)) return false;
    }
    return true;
  }
}
