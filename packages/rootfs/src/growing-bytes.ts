import { Buffer } from "node:buffer";
import { ScError } from "@sc/model";

// Address space, not memory: only what is written to becomes resident.
const maxBytes = 2 ** 31;

/** Bytes that grow in place, so that growing never needs the old and the new at once. */
export class GrowingBytes {
  readonly #memory = new ArrayBuffer(4096, { maxByteLength: maxBytes });
  /** All there is now; another view after every `reserve`. */
  bytes: Buffer<ArrayBuffer> = Buffer.from(this.#memory);

  /** At least so many bytes. Throws `IMAGE_LIMIT_EXCEEDED` past 2 GiB. */
  reserve(bytes: number): Buffer<ArrayBuffer> {
    if (bytes <= this.bytes.length) return this.bytes;
    if (bytes > maxBytes)
      throw new ScError("IMAGE_LIMIT_EXCEEDED", `the paths of the image take more than ${maxBytes} bytes`);
    this.#memory.resize(Math.min(maxBytes, Math.max(bytes, this.#memory.byteLength * 2)));
    this.bytes = Buffer.from(this.#memory);
    return this.bytes;
  }

  /** The first so many bytes in a buffer of their own; this one is empty after it. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory.transferToFixedLength(bytes));
  }
}
