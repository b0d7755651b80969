import { ScError } from "@sc/model";

const frameMagic = 0xfd2fb528;
const blockHeaderBytes = 3;

type Field = "magic" | "skippable-size" | "descriptor" | "block" | "checksum";

/**
 * Cuts a zstd stream into pieces that never reach over the end of a frame.
 *
 * Node's decoder ends its output at the end of the first frame and drops what follows it in the same chunk; given one
 * frame at a time it goes on. Only lengths are looked at: magic, frame header, block headers. Throws
 * `COMPRESSION_INVALID` where a frame should begin and does not.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1
 */
export class ZstdFrameCutter {
  readonly #where: string;
  #field: Field = "magic";
  #collected = 0;
  #value = 0;
  #want = 4;
  /** Bytes of content to pass before the next field begins. */
  #pass = 0;
  #checksum = false;
  #lastBlock = false;

  constructor(where: string) {
    this.#where = where;
  }

  /** Whether the bytes so far end exactly at the end of a frame. */
  get atFrameEnd(): boolean {
    return this.#field === "magic" && this.#collected === 0 && this.#pass === 0;
  }

  /** The chunk in pieces; views, not copies. */
  *cut(chunk: Uint8Array): Generator<Uint8Array> {
    let start = 0;
    let at = 0;
    while (at < chunk.length) {
      at = this.#pass > 0 ? this.#passContent(chunk, at) : this.#collect(chunk, at);
      if (!this.atFrameEnd) continue;
      yield chunk.subarray(start, at);
      start = at;
    }
    if (start < chunk.length) yield chunk.subarray(start);
  }

  #passContent(chunk: Uint8Array, at: number): number {
    const length = Math.min(this.#pass, chunk.length - at);
    this.#pass -= length;
    return at + length;
  }

  #collect(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length && this.#collected < this.#want) {
      this.#value += (chunk[at] ?? 0) * 2 ** (8 * this.#collected);
      this.#collected++;
      at++;
    }
    if (this.#collected === this.#want) this.#fieldRead(this.#value);
    return at;
  }

  #fieldRead(value: number): void {
    switch (this.#field) {
      case "magic":
        return this.#magicRead(value);
      case "skippable-size":
        return this.#expect("magic", 4, value);
      case "descriptor":
        return this.#descriptorRead(value);
      case "block":
        return this.#blockRead(value);
      case "checksum":
        return this.#expect("magic", 4, 0);
    }
  }

  #magicRead(value: number): void {
    if (value === frameMagic) return this.#expect("descriptor", 1, 0);
    if (value >= 0x184d2a50 && value <= 0x184d2a5f) return this.#expect("skippable-size", 4, 0);
    throw new ScError(
      "COMPRESSION_INVALID",
      `${this.#where}: expected a zstd frame or the end, got bytes 0x${value.toString(16).padStart(8, "0")}`,
    );
  }

  #descriptorRead(descriptor: number): void {
    const singleSegment = (descriptor & 0x20) !== 0;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
    const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
    this.#checksum = (descriptor & 4) !== 0;
    this.#expect("block", blockHeaderBytes, dictionaryBytes + sizeBytes + (singleSegment ? 0 : 1));
  }

  #blockRead(header: number): void {
    this.#lastBlock = (header & 1) === 1;
    const runLength = ((header >> 1) & 3) === 1;
    const content = runLength ? 1 : header >> 3;
    if (!this.#lastBlock) this.#expect("block", blockHeaderBytes, content);
    else if (this.#checksum) this.#expect("checksum", 4, content);
    else this.#expect("magic", 4, content);
  }

  #expect(field: Field, bytes: number, pass: number): void {
    this.#field = field;
    this.#want = bytes;
    this.#pass = pass;
    this.#collected = 0;
    this.#value = 0;
  }
}
