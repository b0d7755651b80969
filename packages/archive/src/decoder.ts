import { Buffer } from "node:buffer";
import zlib from "node:zlib";
import { ScError } from "@sc/model";
import type { ChunkQueue } from "./chunk-queue.ts";
import { ZstdFrameCutter } from "./zstd-frames.ts";

/** A decoder that runs in Node's thread pool and puts what it makes into a queue. */
export interface Decoder {
  /** Resolves when the decoder can take more. */
  write(chunk: Uint8Array): Promise<void>;
  /** Says that the input is complete; resolves when it is known to be sound. */
  finish(): Promise<void>;
  /** Frees it, finished or not. */
  close(): void;
}

/** Where a decoder writes and what its input is called. */
export interface DecoderOptions {
  readonly where: string;
  readonly queue: ChunkQueue;
}

// One output chunk: with Node's 16 KiB the round trips to the thread pool cost half the throughput.
const outputChunkBytes = 2 ** 20;
// Output that may wait: enough that inflation never stops while the consumer works on one chunk.
const queuedBytes = 4 * 2 ** 20;
// Chunks of input inside the stream: one at work, the next already there when it is done.
const inputChunks = 2;
// 128 MiB: what the zstd command line and container runtimes accept.
const zstdWindowLog = 27;

/** A decoder for one compression. Throws `COMPRESSION_UNSUPPORTED` where Node lacks it. */
export function createDecoder(compression: "gzip" | "zstd", options: DecoderOptions): Decoder {
  return compression === "gzip" ? new GzipDecoder(options) : new ZstdDecoder(options);
}

/** The queue and the flow control that both decoders share. */
class StreamPump {
  readonly #stream: zlib.Gunzip;
  readonly #queue: ChunkQueue;
  #wake: (() => void) | undefined;
  /** Set when the stream made its last output, whether or not it took all its input. */
  outputEnded = false;
  failed = false;
  #writing = 0;
  #closed = false;

  constructor(stream: zlib.Gunzip, { where, queue }: DecoderOptions) {
    this.#stream = stream;
    this.#queue = queue;
    stream.on("data", (chunk: Uint8Array) => {
      queue.push(chunk);
      if (queue.bytes > queuedBytes) stream.pause();
    });
    queue.onTaken(() => {
      if (stream.isPaused() && queue.bytes <= queuedBytes) stream.resume();
    });
    stream.on("end", () => {
      this.outputEnded = true;
      this.#wake?.();
    });
    stream.on("error", (error) => {
      this.failed = true;
      queue.fail(invalid(where, error));
      this.#wake?.();
    });
  }

  /** Bytes of input that the stream has used. */
  get usedBytes(): number {
    return this.#stream.bytesWritten;
  }

  async write(chunk: Uint8Array): Promise<void> {
    // Nobody takes the output any more: the throw is what stops the reading of the source.
    if (this.#closed) throw new Error("the decoder is closed");
    if (this.outputEnded || this.failed) return;
    this.#writing++;
    this.#stream.write(chunk, () => {
      this.#writing--;
      this.#wake?.();
    });
    while (this.#writing >= inputChunks && !this.#stopped) await this.#wait();
  }

  async end(): Promise<void> {
    if (this.outputEnded || this.failed || this.#closed) return;
    this.#stream.end();
    while (!this.#stopped) await this.#wait();
  }

  close(): void {
    this.#closed = true;
    this.#stream.destroy();
    this.#wake?.();
  }

  endQueue(): void {
    this.#queue.end();
  }

  get #stopped(): boolean {
    return this.outputEnded || this.failed || this.#closed;
  }

  async #wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}

class GzipDecoder implements Decoder {
  readonly #where: string;
  readonly #pump: StreamPump;
  /** Chunks that the stream may not have used to their end. */
  #recent: { readonly chunk: Uint8Array; readonly start: number }[] = [];
  #writtenBytes = 0;

  constructor(options: DecoderOptions) {
    this.#where = options.where;
    this.#pump = new StreamPump(zlib.createGunzip({ chunkSize: outputChunkBytes }), options);
  }

  async write(chunk: Uint8Array): Promise<void> {
    const used = this.#pump.usedBytes;
    this.#recent = this.#recent.filter((recent) => recent.start + recent.chunk.length > used);
    this.#recent.push({ chunk, start: this.#writtenBytes });
    this.#writtenBytes += chunk.length;
    await this.#pump.write(chunk);
    // zlib stops for good at the first zero byte between members; what follows is padding or not gzip at all.
    if (this.#pump.outputEnded) this.#checkPadding();
  }

  async finish(): Promise<void> {
    await this.#pump.end();
    if (this.#pump.failed) return;
    this.#checkPadding();
    this.#pump.endQueue();
  }

  close(): void {
    this.#pump.close();
  }

  #checkPadding(): void {
    const used = this.#pump.usedBytes;
    for (const { chunk, start } of this.#recent) {
      const rest = chunk.subarray(Math.max(0, used - start));
      if (!isZero(rest)) {
        throw new ScError("COMPRESSION_INVALID", `${this.#where}: bytes that are not gzip follow the gzip stream`);
      }
    }
    this.#recent = [];
  }
}

class ZstdDecoder implements Decoder {
  readonly #where: string;
  readonly #pump: StreamPump;
  readonly #cutter: ZstdFrameCutter;

  constructor(options: DecoderOptions) {
    if (typeof zlib.createZstdDecompress !== "function") {
      throw new ScError("COMPRESSION_UNSUPPORTED", `${options.where}: Node.js ${process.version} cannot read zstd`, {
        hint: "Run Node.js 22.22, 24.15 or newer.",
      });
    }
    this.#where = options.where;
    this.#cutter = new ZstdFrameCutter(options.where);
    const stream = zlib.createZstdDecompress({
      chunkSize: outputChunkBytes,
      params: { [zlib.constants.ZSTD_d_windowLogMax]: zstdWindowLog },
    });
    this.#pump = new StreamPump(stream, options);
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (const piece of this.#cutter.cut(chunk)) await this.#pump.write(piece);
  }

  async finish(): Promise<void> {
    if (!this.#cutter.atFrameEnd) {
      throw new ScError("COMPRESSION_INVALID", `${this.#where}: the zstd stream ends inside a frame`);
    }
    await this.#pump.end();
    if (!this.#pump.failed) this.#pump.endQueue();
  }

  close(): void {
    this.#pump.close();
  }
}

const zeros = Buffer.alloc(64 * 1024);

function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const part = bytes.subarray(at, at + zeros.length);
    if (Buffer.compare(part, zeros.subarray(0, part.length)) !== 0) return false;
  }
  return true;
}

function invalid(where: string, cause: Error): ScError {
  const short = "code" in cause && cause.code === "Z_BUF_ERROR";
  const what = short ? "the compressed stream is cut short" : `the compressed stream is damaged: ${cause.message}`;
  return new ScError("COMPRESSION_INVALID", `${where}: ${what}`, { cause });
}
