import { once } from "node:events";
import { ScError } from "@sc/model";
import type { Pack } from "tar-stream";

/** One entry of a tar that is written. */
export interface TarWriterEntry {
  readonly path: string;
  readonly type: "file" | "directory" | "symlink" | "hardlink";
  /** Default: 0644, for directories 0755, for symlinks 0777. */
  readonly mode?: number;
  /** The target of a link. */
  readonly linkPath?: string;
  /** What a file holds; of a stream the bytes must be known before. */
  readonly content?: Uint8Array | { readonly size: number; readonly chunks: AsyncIterable<Uint8Array> };
}

/**
 * The bytes of a tar with the given entries, in the order given.
 *
 * The same entries give the same bytes: times are zero, the owner is 0:0 and has no name. Throws `TAR_INVALID` when
 * a stream has another size than was said, and what a stream throws.
 */
export async function* packTar(
  entries: Iterable<TarWriterEntry> | AsyncIterable<TarWriterEntry>,
): AsyncGenerator<Uint8Array, void, undefined> {
  // Loaded by those who write: most only read.
  const { pack } = await import("tar-stream");
  const packer = pack();
  const feeding = feed(packer, entries);
  feeding.catch(() => packer.destroy());
  try {
    for await (const chunk of packer) yield asBytes(chunk);
  } catch (error) {
    // What made the feeding end says more than that the packer was destroyed.
    await feeding;
    throw error;
  } finally {
    packer.destroy();
  }
  await feeding;
}

async function feed(packer: Pack, entries: Iterable<TarWriterEntry> | AsyncIterable<TarWriterEntry>): Promise<void> {
  for await (const entry of entries) await writeEntry(packer, entry);
  packer.finalize();
}

const types = { file: "file", directory: "directory", symlink: "symlink", hardlink: "link" } as const;
const modes = { file: 0o644, directory: 0o755, symlink: 0o777, hardlink: 0o644 } as const;

async function writeEntry(
  packer: Pack,
  { path, type, mode = modes[type], linkPath, content }: TarWriterEntry,
): Promise<void> {
  const size = content === undefined ? 0 : content instanceof Uint8Array ? content.length : content.size;
  const header = {
    name: path,
    type: types[type],
    mode,
    size,
    mtime: new Date(0),
    uid: 0,
    gid: 0,
    ...(linkPath === undefined ? {} : { linkname: linkPath }),
  };
  const written = Promise.withResolvers<void>();
  const sink = packer.entry(header, (error) => (error ? written.reject(error) : written.resolve()));
  sink.on("error", written.reject);
  // A failure of the content is thrown before anybody waits for this.
  written.promise.catch(() => undefined);
  let bytes = 0;
  for await (const chunk of content instanceof Uint8Array ? [content] : (content?.chunks ?? [])) {
    bytes += chunk.length;
    if (bytes > size) break;
    if (!sink.write(chunk)) await Promise.race([once(sink, "drain"), written.promise]);
  }
  if (bytes !== size) {
    throw new ScError("TAR_INVALID", `${JSON.stringify(path)}: ${size} bytes were announced, another number came`);
  }
  sink.end(null);
  await written.promise;
}

function asBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError(`tar-stream gave a ${typeof chunk}, not bytes`);
}
