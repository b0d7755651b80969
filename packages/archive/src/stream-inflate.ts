import zlib from "node:zlib";
import { ScError } from "@sc/model";
import { ChunkQueue } from "./chunk-queue.ts";
import {
  type InflateOptions,
  invalid,
  isZero,
  joined,
  zstdCut,
  zstdUnsupported,
  zstdWindowLog,
} from "./compressed-stream.ts";
import type { OutputMeter } from "./output-meter.ts";
import { ZstdFrameCutter } from "./zstd-frames.ts";

/**
 * Inflates by Node's zlib streams, in the thread pool, each chunk the consumer's own: what every Node.js has.
 *
 * Throws `COMPRESSION_INVALID`, `COMPRESSION_UNSUPPORTED`, and the signal's reason.
 */
export async function* inflateByStream(
  source: AsyncIterable<Uint8Array>,
  options: InflateOptions,
): AsyncGenerator<Uint8Array> {
  const queue = new ChunkQueue();
  const decoder = createDecoder(options.compression, { where: options.where, queue });
  const abort = (): void => queue.fail(options.signal?.reason);
  options.signal?.addEventListener("abort", abort, { once: true });
  const feeding = feed(source, decoder, options.meter).catch((error: unknown) => queue.fail(error));
  try {
    for (let chunk = await queue.take(); chunk !== undefined; chunk = await queue.take()) yield chunk;
    await feeding;
  } finally {
    options.signal?.removeEventListener("abort", abort);
    decoder.close();
  }
}

/** Small chunks are gathered up to this many bytes: each write costs a round trip to the thread pool. */
const gatherBytes = 256 * 1024;

async function feed(source: AsyncIterable<Uint8Array>, decoder: Decoder, meter: OutputMeter): Promise<void> {
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    meter.addInput(chunk.length);
    // Copied: the stream takes it later, when its source may have written over it.
    gathered.push(Uint8Array.from(chunk));
    bytes += chunk.length;
    if (bytes < gatherBytes) continue;
    await decoder.write(joined(gathered));
    gathered = [];
    bytes = 0;
  }
  if (bytes > 0) await decoder.write(joined(gathered));
  await decoder.finish();
}

/** A decoder that runs in Node's thread pool and puts what it makes into a queue. */
interface Decoder {
  /** Resolves when the decoder can take more. */
  write(chunk: Uint8Array): Promise<void>;
  /** Says that the input is complete; resolves when it is known to be sound. */
  finish(): Promise<void>;
  /** Frees it, finished or not. */
  close(): void;
}

/** Where a decoder writes and what its input is called. */
interface DecoderOptions {
  readonly where: string;
  readonly queue: ChunkQueue;
}

// One output chunk: with Node's 16 KiB the round trips to the thread pool cost half the throughput.
const outputChunkBytes = 2 ** 20;
// Output that may wait: enough that inflation never stops while the consumer works on one chunk.
const queuedBytes = 4 * 2 ** 20;
// Chunks of input inside the stream: one at work, the next already there when it is done.
const inputChunks = 2;

/** A decoder for one compression. Throws `COMPRESSION_UNSUPPORTED` where Node lacks it. */
function createDecoder(compression: "gzip" | "zstd", options: DecoderOptions): Decoder {
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
    if (typeof zlib.createZstdDecompress !== "function") throw zstdUnsupported(options.where);
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
    if (!this.#cutter.atFrameEnd) throw zstdCut(this.#where);
    await this.#pump.end();
    if (!this.#pump.failed) this.#pump.endQueue();
  }

  close(): void {
    this.#pump.close();
  }
}
