import { Buffer } from "node:buffer";
import { setImmediate } from "node:timers/promises";
import zlib from "node:zlib";
import { type InflateOptions, invalid, zstdCut, zstdUnsupported, zstdWindowLog } from "./compressed-stream.ts";
import { DirectGunzip } from "./direct-gunzip.ts";
import { Inflater } from "./inflater.ts";
import { type NativeStream, nativeOf } from "./native-stream.ts";
import { inflateByStream } from "./stream-inflate.ts";
import { ZstdFrameCutter } from "./zstd-frames.ts";

// Larger is not faster, and this stays in the processor's cache. What is inflated from gzip has such memory of its own.
const outputBytes = 256 * 1024;
// Input between two turns of the event loop: some milliseconds of work.
const turnBytes = 512 * 1024;

/**
 * Inflates in this thread, into the memory it is given or through one buffer: each chunk is then valid until the next one
 * is asked for.
 *
 * Less processor time than zlib's streams, and no garbage: they allocate every chunk, and cross threads for it. Other
 * work has its turn between chunks. Where this Node.js cannot, the streams do it. Throws `COMPRESSION_INVALID`,
 * `COMPRESSION_UNSUPPORTED`.
 */
export async function* inflateDirectly(
  source: AsyncIterable<Uint8Array>,
  options: InflateOptions,
): AsyncGenerator<Uint8Array> {
  using decoder = openDirectDecoder(options);
  if (decoder === undefined) {
    yield* inflateByStream(source, options);
    return;
  }
  const { meter } = options;
  let taken = 0;
  for await (const chunk of source) {
    meter.addInput(chunk.length);
    yield* decoder.write(chunk);
    taken += chunk.length;
    if (taken < turnBytes) continue;
    taken = 0;
    await setImmediate();
  }
  yield* decoder.finish();
}

function oneBuffer(): () => Buffer {
  const buffer = Buffer.allocUnsafeSlow(outputBytes);
  return () => buffer;
}

/** A decoder that works in this thread, inside the call. */
interface DirectDecoder extends Disposable {
  /** What comes out of the input, in pieces that lie where `nextOutput` said. */
  write(input: Uint8Array): Iterable<Uint8Array>;
  /** What comes out once the input is complete. Throws where it is cut. */
  finish(): Iterable<Uint8Array>;
}

/** A decoder for one compression; `undefined` where this Node.js cannot run one. Throws `COMPRESSION_UNSUPPORTED`. */
export function openDirectDecoder({
  where,
  compression,
  nextOutput,
}: Pick<InflateOptions, "where" | "compression" | "nextOutput">): DirectDecoder | undefined {
  if (compression === "gzip") {
    const inflater = Inflater.open();
    return inflater && new DirectGunzip(where, inflater);
  }
  if (typeof zlib.createZstdDecompress !== "function") throw zstdUnsupported(where);
  const params = { [zlib.constants.ZSTD_d_windowLogMax]: zstdWindowLog };
  const stream = zlib.createZstdDecompress({ params });
  const native = nativeOf(stream);
  if (native !== undefined) return new DirectZstd(native, { where, nextOutput: nextOutput ?? oneBuffer() });
  stream.destroy();
  return undefined;
}

interface DirectZstdOptions {
  readonly where: string;
  /** The memory for the next piece; asked again until something was written to it. */
  nextOutput(): Buffer;
}

class DirectZstd implements DirectDecoder {
  readonly #native: NativeStream;
  readonly #options: DirectZstdOptions;
  readonly #cutter: ZstdFrameCutter;
  #failure: (Error & { readonly code: string }) | undefined;

  constructor(native: NativeStream, options: DirectZstdOptions) {
    this.#native = native;
    this.#options = options;
    this.#cutter = new ZstdFrameCutter(options.where);
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it is no event target
    native.handle.onerror = (message, _errno, code) => {
      this.#failure = Object.assign(new Error(message), { code });
    };
  }

  *write(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
    for (const piece of this.#cutter.cut(chunk)) yield* this.#writePiece(piece);
  }

  finish(): readonly Uint8Array[] {
    if (!this.#cutter.atFrameEnd) throw zstdCut(this.#options.where);
    return [];
  }

  [Symbol.dispose](): void {
    this.#native.stream.destroy();
  }

  /** Everything that comes out of the input. */
  *#writePiece(input: Uint8Array): Generator<Uint8Array, void, undefined> {
    const { handle, state } = this.#native;
    for (let left = input.length; ;) {
      const output = this.#options.nextOutput();
      handle.writeSync(zlib.constants.Z_NO_FLUSH, input, input.length - left, left, output, 0, output.length);
      if (this.#failure !== undefined) throw invalid(this.#options.where, this.#failure);
      const [room = 0, unused = 0] = state;
      if (room < output.length) yield output.subarray(0, output.length - room);
      if (room > 0 && (unused === 0 || unused === left)) return;
      left = unused;
    }
  }
}
