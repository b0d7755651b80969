import type { Buffer } from "node:buffer";
import { type Call } from "@sc/model";
import { type InflateOptions, joined } from "./compressed-stream.ts";
import { type Compression, compressionMagicBytes, detectCompression } from "./compression.ts";
import { inflateDirectly } from "./direct-inflate.ts";
import { type ArchiveLimits, archiveLimits } from "./limits.ts";
import { OutputMeter } from "./output-meter.ts";
import { inflateByStream } from "./stream-inflate.ts";

/** How a stream is decompressed. */
export interface DecompressOptions extends Pick<Call, "signal"> {
  /** What the stream is called in errors. */
  readonly where: string;
  /** Told what the first bytes show, before anything else comes out. */
  readonly onCompression?: (compression: Compression) => void;
  /**
   * Whether a chunk may be a view of memory that is written again when the next one is asked for: for a consumer that
   * keeps nothing. Off by default: each chunk is then the consumer's own, or the source's.
   */
  readonly reuseOutput?: boolean;
  /**
   * The memory for the next chunk, asked for again until something was put there. As with `reuseOutput` nothing is
   * copied. Only a wish, which zstd grants: other chunks lie where they were inflated, or came uncompressed.
   */
  readonly nextOutput?: () => Buffer;
  readonly limits?: Partial<ArchiveLimits>;
}

/** One way to inflate a stream. Its chunks may be views that are written again. */
export type Inflate = (source: AsyncIterable<Uint8Array>, options: InflateOptions) => AsyncGenerator<Uint8Array>;

/**
 * The decompressed bytes of a stream: gzip (all members), zstd (all frames), or the bytes as they are.
 *
 * Which one is told by the first bytes, never by a name. The source is always read to its end, so a digest taken of it
 * on the way is complete; a chunk of it is done with when the next one is asked for. Chunks are up to 1 MiB where
 * anything is inflated.
 *
 * Throws `COMPRESSION_INVALID` for a damaged or cut stream and for anything but zeros after a gzip stream,
 * `COMPRESSION_UNSUPPORTED` where Node lacks zstd, `ARCHIVE_LIMIT_EXCEEDED`, what the source throws, and the signal's
 * reason.
 */
export function decompress(
  source: AsyncIterable<Uint8Array>,
  options: DecompressOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  return decompressWith(inflateDirectly, source, options);
}

/** `decompress` with a given way to inflate. */
export async function* decompressWith(
  inflate: Inflate,
  source: AsyncIterable<Uint8Array>,
  options: DecompressOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { where, signal, nextOutput, reuseOutput = nextOutput !== undefined } = options;
  const limits: ArchiveLimits = { ...archiveLimits, ...options.limits };
  const input = source[Symbol.asyncIterator]();
  const meter = new OutputMeter(where, limits);
  try {
    const first = await readFirst(input, signal);
    const compression = detectCompression(first);
    options.onCompression?.(compression);
    const bytes = prefixed(first, input, signal);
    const output = compression === "none" ? bytes : inflate(bytes, { where, compression, signal, meter, nextOutput });
    const copies = compression !== "none" && !reuseOutput && inflate !== inflateByStream;
    for await (const chunk of output) {
      signal?.throwIfAborted();
      // What is not compressed comes in before it goes out, or its first chunk would be a bomb of infinite ratio.
      if (compression === "none") meter.addInput(chunk.length);
      meter.add(chunk.length);
      if (chunk.length > 0) yield copies ? Uint8Array.from(chunk) : chunk;
    }
  } finally {
    // Not awaited: a source that waits for bytes which never come would hold us here.
    input.return?.().catch(() => undefined);
  }
}

async function readFirst(input: AsyncIterator<Uint8Array>, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < compressionMagicBytes) {
    const next = await nextOf(input, signal);
    if (next.done === true) break;
    const short = next.value.length < compressionMagicBytes;
    chunks.push(short ? Uint8Array.from(next.value) : next.value);
    bytes += next.value.length;
  }
  return joined(chunks);
}

async function* prefixed(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  for (let next = await nextOf(rest, signal); next.done !== true; next = await nextOf(rest, signal)) yield next.value;
}

/** What an iterator gives next, or the signal's reason as soon as it is aborted. */
async function nextOf(
  input: AsyncIterator<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<IteratorResult<Uint8Array>> {
  if (signal === undefined) return input.next();
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([input.next(), promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
