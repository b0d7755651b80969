import { type Call, ScError } from "@sc/model";
import { ChunkQueue } from "./chunk-queue.ts";
import { type Compression, compressionMagicBytes, detectCompression } from "./compression.ts";
import { createDecoder } from "./decoder.ts";
import { type ArchiveLimits, archiveLimits } from "./limits.ts";

/** How a stream is decompressed. */
export interface DecompressOptions extends Pick<Call, "signal"> {
  /** What the stream is called in errors. */
  readonly where: string;
  /** Told what the first bytes show, before anything else comes out. */
  readonly onCompression?: (compression: Compression) => void;
  readonly limits?: Partial<ArchiveLimits>;
}

/**
 * The decompressed bytes of a stream: gzip (all members), zstd (all frames), or the bytes as they are.
 *
 * Which one is told by the first bytes, never by a name. The source is always read to its end, so a digest taken of it
 * on the way is complete. While the consumer works on one chunk the next is inflated in Node's thread pool. Chunks are
 * up to 1 MiB; each is the consumer's own.
 *
 * Throws `COMPRESSION_INVALID` for a damaged or cut stream and for anything but zeros after a gzip stream,
 * `COMPRESSION_UNSUPPORTED` where Node lacks zstd, `ARCHIVE_LIMIT_EXCEEDED`, what the source throws, and the signal's
 * reason.
 */
export async function* decompress(
  source: AsyncIterable<Uint8Array>,
  options: DecompressOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const limits: ArchiveLimits = { ...archiveLimits, ...options.limits };
  const input = source[Symbol.asyncIterator]();
  const meter = new OutputMeter(options.where, limits);
  try {
    const first = await readFirst(input);
    const compression = detectCompression(first);
    options.onCompression?.(compression);
    const output =
      compression === "none"
        ? prefixed(first, input)
        : inflate(prefixed(first, input), { ...options, compression, meter });
    for await (const chunk of output) {
      options.signal?.throwIfAborted();
      // What is not compressed comes in before it goes out, or its first chunk would be a bomb of infinite ratio.
      if (compression === "none") meter.addInput(chunk.length);
      meter.add(chunk.length);
      if (chunk.length > 0) yield chunk;
    }
  } finally {
    // Not awaited: a source that waits for bytes which never come would hold us here.
    input.return?.().catch(() => undefined);
  }
}

interface InflateOptions extends DecompressOptions {
  readonly compression: "gzip" | "zstd";
  readonly meter: OutputMeter;
}

async function* inflate(source: AsyncIterable<Uint8Array>, options: InflateOptions): AsyncGenerator<Uint8Array> {
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

interface Feedable {
  write(chunk: Uint8Array): Promise<void>;
  finish(): Promise<void>;
}

/** Small chunks are gathered up to this many bytes: each write costs a round trip to the thread pool. */
const gatherBytes = 256 * 1024;

async function feed(source: AsyncIterable<Uint8Array>, decoder: Feedable, meter: OutputMeter): Promise<void> {
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    meter.addInput(chunk.length);
    gathered.push(chunk);
    bytes += chunk.length;
    if (bytes < gatherBytes) continue;
    await decoder.write(joined(gathered));
    gathered = [];
    bytes = 0;
  }
  if (bytes > 0) await decoder.write(joined(gathered));
  await decoder.finish();
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}

async function readFirst(input: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < compressionMagicBytes) {
    const next = await input.next();
    if (next.done === true) break;
    chunks.push(next.value);
    bytes += next.value.length;
  }
  return joined(chunks);
}

async function* prefixed(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** Counts what goes in and what comes out, and throws when it is too much. */
class OutputMeter {
  readonly #where: string;
  readonly #limits: ArchiveLimits;
  #in = 0;
  #out = 0;

  constructor(where: string, limits: ArchiveLimits) {
    this.#where = where;
    this.#limits = limits;
  }

  addInput(bytes: number): void {
    this.#in += bytes;
  }

  add(bytes: number): void {
    this.#out += bytes;
    const { maxOutputBytes, maxRatio, ratioGraceBytes } = this.#limits;
    if (this.#out > maxOutputBytes) this.#refuse(`${this.#out} bytes came out, at most ${maxOutputBytes} may`);
    if (this.#out > ratioGraceBytes && this.#out > this.#in * maxRatio) {
      this.#refuse(`${this.#out} bytes came out of ${this.#in}, at most ${maxRatio} for one may`);
    }
  }

  #refuse(what: string): never {
    throw new ScError("ARCHIVE_LIMIT_EXCEEDED", `${this.#where}: ${what}`, {
      hint: "Raise the limit only for content you trust.",
    });
  }
}
