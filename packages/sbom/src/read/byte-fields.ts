import { Buffer } from "node:buffer";
import type { CapturedFile } from "@sc/rootfs";

/** What executables are read from: a captured file, or a part of one. */
export type ByteSource = Pick<CapturedFile, "size" | "readAt">;

let searched: Uint8Array | undefined;

/** How much of a file is looked at in one piece when it is searched, and what may overlap. */
export const searchBytes: { readonly piece: number; readonly overlap: number } = { piece: 1_048_576, overlap: 4096 };

/** Memory for one piece of a file that is searched: what is in it is valid until the next piece is asked for. */
export function searchMemory(): Uint8Array {
  return (searched ??= new Uint8Array(searchBytes.piece + searchBytes.overlap));
}

/** Numbers at fixed places of a structure. What lies beyond its end reads as 0; a number no double holds as infinite. */
export class ByteFields {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  /** The bytes, once a text was read from them. */
  #raw: Buffer | undefined;

  constructor(bytes: Uint8Array, littleEndian: boolean = true) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = littleEndian;
  }

  u16(at: number): number {
    return at + 2 <= this.bytes.length ? this.#view.getUint16(at, this.#littleEndian) : 0;
  }

  u32(at: number): number {
    return at + 4 <= this.bytes.length ? this.#view.getUint32(at, this.#littleEndian) : 0;
  }

  u64(at: number): number {
    if (at + 8 > this.bytes.length) return 0;
    const high = this.u32(this.#littleEndian ? at + 4 : at);
    const value = high * 2 ** 32 + this.u32(this.#littleEndian ? at : at + 4);
    return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY;
  }

  /** The Latin-1 text of up to `length` bytes at a place, up to its NUL. */
  name(at: number, length: number): string {
    const raw = (this.#raw ??= Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength));
    const limit = Math.min(raw.length, at + length);
    let end = at;
    while (end < limit && raw[end] !== 0) end += 1;
    return raw.toString("latin1", at, end);
  }
}
