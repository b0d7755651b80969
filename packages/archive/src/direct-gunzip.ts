import type { Buffer } from "node:buffer";
import zlib from "node:zlib";
import { ScError } from "@sc/model";
import { isZero } from "./compressed-stream.ts";
import { InflateError, type Inflater } from "./inflater.ts";

/** What comes next: fields of a member's header, its blocks, its trailer, another member or zeros, nothing but zeros. */
type Part =
  | "fixed"
  | "extra-length"
  | "extra"
  | "name"
  | "comment"
  | "header-crc"
  | "blocks"
  | "trailer"
  | "between"
  | "zeros";

const flags = { headerCrc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 };
const fixedBytes = 10;
const trailerBytes = 8;

/**
 * Reads a gzip stream of any number of members, which zeros may follow, each chunk inside the call.
 *
 * What comes out is valid until the next piece is asked for. Throws `COMPRESSION_INVALID`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1952#section-2.3
 */
export class DirectGunzip implements Disposable {
  readonly #where: string;
  readonly #inflater: Inflater;
  #part: Part = "fixed";
  #flags = 0;
  #headerCrc = 0;
  #extraBytes = 0;
  #crc = 0;
  #size = 0;
  /** Bytes of the inflater's output that are checked. */
  #checked = 0;

  constructor(where: string, inflater: Inflater) {
    this.#where = where;
    this.#inflater = inflater;
  }

  *write(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
    for (let at = 0; at < chunk.length;) {
      at += this.#inflater.take(at === 0 ? chunk : chunk.subarray(at));
      yield* this.#read();
    }
  }

  *finish(): Generator<Uint8Array, void, undefined> {
    this.#inflater.end();
    yield* this.#read();
    if (this.#part !== "between" && this.#part !== "zeros") this.#invalid("the compressed stream is cut short");
    if (this.#inflater.output.length > 0) yield* this.#give();
  }

  [Symbol.dispose](): void {
    this.#inflater.close();
  }

  /** Reads what has come; ends where more is needed. Small members come out together. */
  *#read(): Generator<Uint8Array, void, undefined> {
    for (;;) {
      if (this.#part !== "blocks") {
        if (!this.#readPart(this.#inflater.input)) return;
        continue;
      }
      const stop = this.#inflate();
      if (stop === "input") return;
      this.#check();
      if (stop === "output") yield* this.#give();
      else this.#part = "trailer";
    }
  }

  #inflate(): "input" | "output" | "end" {
    try {
      return this.#inflater.run();
    } catch (error) {
      if (error instanceof InflateError) this.#damaged(error.message, error);
      throw error;
    }
  }

  /** Adds what came out of the member to its checksum and its size. */
  #check(): void {
    const { output } = this.#inflater;
    const added = output.subarray(this.#checked);
    this.#crc = zlib.crc32(added, this.#crc);
    this.#size += added.length;
    this.#checked = output.length;
  }

  *#give(): Generator<Uint8Array, void, undefined> {
    yield this.#inflater.output;
    this.#inflater.clear();
    this.#checked = 0;
  }

  /** Reads one part of what stands around the blocks; false where more input is needed. */
  #readPart(input: Buffer): boolean {
    switch (this.#part) {
      case "fixed":
        return this.#readFixed(input);
      case "extra-length":
        if (input.length < 2) return false;
        this.#extraBytes = input.readUInt16LE();
        this.#passHeader(input.subarray(0, 2));
        return this.#enter("extra");
      case "extra":
        return this.#readExtra(input);
      case "name":
        return this.#readText(input, "comment");
      case "comment":
        return this.#readText(input, "header-crc");
      case "header-crc":
        return this.#readHeaderCrc(input);
      case "blocks":
        return true;
      case "trailer":
        return this.#readTrailer(input);
      case "between":
        if (input.length === 0) return false;
        // Padding, as some writers of tapes leave it; whatever else follows has to be a member.
        return this.#enter(input[0] === 0 ? "zeros" : "fixed");
      case "zeros":
        if (!isZero(input)) this.#invalid("bytes that are not gzip follow the gzip stream");
        this.#inflater.skip(input.length);
        return false;
      default:
        return this.#part satisfies never;
    }
  }

  #readFixed(input: Buffer): boolean {
    if (input.length < fixedBytes) return false;
    if (input[0] !== 0x1f || input[1] !== 0x8b) this.#damaged("a member does not begin with the bytes 1f 8b");
    if (input[2] !== 8) this.#damaged("a member is not compressed by method 8, deflate");
    this.#flags = input[3] ?? 0;
    if ((this.#flags & flags.reserved) !== 0) this.#damaged("a member has reserved flags");
    this.#headerCrc = 0;
    this.#crc = 0;
    this.#size = 0;
    this.#passHeader(input.subarray(0, fixedBytes));
    return this.#enter((this.#flags & flags.extra) === 0 ? "name" : "extra-length");
  }

  #readExtra(input: Buffer): boolean {
    const bytes = Math.min(this.#extraBytes, input.length);
    this.#extraBytes -= bytes;
    this.#passHeader(input.subarray(0, bytes));
    return this.#extraBytes === 0 && this.#enter("name");
  }

  #readText(input: Buffer, next: "comment" | "header-crc"): boolean {
    const there = (this.#flags & (next === "comment" ? flags.name : flags.comment)) !== 0;
    if (!there) return this.#enter(next);
    const end = input.indexOf(0);
    this.#passHeader(end === -1 ? input : input.subarray(0, end + 1));
    return end !== -1 && this.#enter(next);
  }

  #readHeaderCrc(input: Buffer): boolean {
    if ((this.#flags & flags.headerCrc) !== 0) {
      if (input.length < 2) return false;
      if (input.readUInt16LE() !== (this.#headerCrc & 0xffff))
        this.#damaged("the checksum of a member's header differs");
      this.#inflater.skip(2);
    }
    this.#inflater.begin();
    return this.#enter("blocks");
  }

  #readTrailer(input: Buffer): boolean {
    if (input.length < trailerBytes) return false;
    if (input.readUInt32LE() !== this.#crc) this.#damaged("the checksum of a member's content differs");
    // The size is told modulo 2^32.
    if (input.readUInt32LE(4) !== this.#size % 2 ** 32) this.#damaged("the size of a member's content differs");
    this.#inflater.skip(trailerBytes);
    return this.#enter("between");
  }

  #enter(part: Part): true {
    this.#part = part;
    return true;
  }

  #passHeader(bytes: Buffer): void {
    this.#headerCrc = zlib.crc32(bytes, this.#headerCrc);
    this.#inflater.skip(bytes.length);
  }

  #damaged(what: string, cause?: Error): never {
    this.#invalid(`the compressed stream is damaged: ${what}`, cause);
  }

  #invalid(what: string, cause?: Error): never {
    throw new ScError("COMPRESSION_INVALID", `${this.#where}: ${what}`, cause === undefined ? {} : { cause });
  }
}
