import { Buffer } from "node:buffer";
import { constants, createZstdDecompress, zstdDecompressSync } from "node:zlib";
import { ScError } from "@sc/model";
import { invalid, zstdCut } from "./compressed-stream.ts";
import { type NativeStream, nativeOf } from "./native-stream.ts";

/**
 * Decompresses many small zstd frames, one after the other. Making a decompressor, as Node.js does for each of them,
 * costs more than decompressing ten kilobytes does: here one serves all.
 */
export class FrameDecoder implements Disposable {
  #native: NativeStream | "none" | undefined;
  #output: Buffer = Buffer.alloc(0);
  #failure: (Error & { readonly code: string }) | undefined;

  /**
   * What one whole frame holds, which is exactly this many bytes; no more memory than that is used for it. It is valid
   * until the next call: memory for each would cost as much as decompressing it. Throws `COMPRESSION_INVALID`.
   */
  decode(frame: Uint8Array, sizeBytes: number): Buffer {
    const native = (this.#native ??= this.#open());
    return native === "none" ? decodeFrameAlone(frame, sizeBytes) : this.#decode(native, frame, sizeBytes);
  }

  [Symbol.dispose](): void {
    if (this.#native !== undefined && this.#native !== "none") this.#native.stream.destroy();
    this.#native = undefined;
  }

  #open(): NativeStream | "none" {
    const stream = createZstdDecompress();
    const native = nativeOf(stream);
    if (native === undefined) {
      stream.destroy();
      return "none";
    }
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it is no event target
    native.handle.onerror = (message, _errno, code) => {
      this.#failure = Object.assign(new Error(message), { code });
    };
    return native;
  }

  #decode({ handle, state }: NativeStream, frame: Uint8Array, sizeBytes: number): Buffer {
    // With room to spare the decompressor comes to the end of the frame, and a longer one is seen.
    const length = sizeBytes + 1;
    if (this.#output.length < length) this.#output = Buffer.allocUnsafeSlow(length);
    const output = this.#output;
    handle.writeSync(constants.ZSTD_e_continue, frame, 0, frame.length, output, 0, length);
    const failure = this.#failure;
    const [room = 0, unused = 0] = state;
    if (failure === undefined && room === 1 && unused === 0) return output.subarray(0, sizeBytes);
    // Where a frame ended early the decompressor would wait for the rest of it.
    this.#failure = undefined;
    this[Symbol.dispose]();
    if (failure !== undefined) throw invalid(where, failure);
    throw room > 1 ? zstdCut(where) : tooLong();
  }
}

const where = "a zstd frame";

/** What `FrameDecoder` gives, by a decompressor of its own; bytes that follow the frame are not seen. */
export function decodeFrameAlone(frame: Uint8Array, sizeBytes: number): Buffer {
  try {
    const content = zstdDecompressSync(frame, { maxOutputLength: Math.max(1, sizeBytes) });
    if (content.length === sizeBytes) return content;
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE" ? tooLong() : invalid(where, cause);
  }
  throw zstdCut(where);
}

function tooLong(): ScError {
  return new ScError("COMPRESSION_INVALID", `${where}: it holds more than was said of it, or bytes follow it`);
}
