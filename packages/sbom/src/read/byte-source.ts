import { Buffer } from "node:buffer";

/** Bytes at any place of a file: what a captured file and a piece of memory have in common. */
export interface ByteSource {
  readonly size: number;
  /** Up to `length` bytes from `offset`; shorter only at the end. */
  readAt(offset: number, length: number): Uint8Array;
}

/** Bytes with the methods that read numbers, the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Which pages of a file have been used: each may be once, so that no chain of pages goes in circles. */
export class PageSet {
  readonly #bits: Uint8Array;
  readonly #pages: number;

  /** For the pages 0 to `pages` - 1. */
  constructor(pages: number) {
    this.#pages = pages;
    this.#bits = new Uint8Array(Math.ceil(pages / 8));
  }

  /** Takes a page; false when there is no such page or it was taken before. */
  take(page: number): boolean {
    if (page < 0 || page >= this.#pages) return false;
    const bit = 1 << (page % 8);
    const at = Math.floor(page / 8);
    const bits = this.#bits[at] ?? 0;
    if ((bits & bit) !== 0) return false;
    this.#bits[at] = bits | bit;
    return true;
  }
}
