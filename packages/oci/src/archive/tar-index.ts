import { posix } from "node:path";
import { normalizeEntryPath, type TarEntry, TarReader } from "@sc/archive";
import { type Call, ScError } from "@sc/model";
import { fileRange, readRange } from "../file-range.ts";
import { maxArchiveEntries } from "../limits.ts";
import type { FileRange } from "../source.ts";

const blockBytes = 512;
const maxLinks = 8;
/** Files that say what an archive holds: with two of one name it would hold two things, for two readers. */
const singular = new Set(["manifest.json", "index.json", "oci-layout", "repositories"]);

/** Where the files of a tar lie in it, by normalised path. */
export interface TarIndex {
  readonly path: string;
  /** The paths of all regular files, in the archive's order. */
  readonly names: readonly string[];
  /** The file of a path, links within the archive followed; `undefined` when there is none. */
  find(path: string): FileRange | undefined;
}

/**
 * Where the files of a tar lie, found in one pass over it. Throws `ARCHIVE_INVALID` for what is no plain tar, and what
 * the tar reader throws.
 */
export async function indexTar(path: string, call: Call = {}): Promise<TarIndex> {
  const range = await fileRange(path);
  if (range === undefined) throw new ScError("FILE_NOT_FOUND", `${path}: there is no such file`);
  const files = new Map<string, FileRange>();
  const links = new Map<string, string>();
  const indexer = new Indexer(path, { files, links });
  for await (const chunk of readRange(range, call.signal)) indexer.push(chunk);
  indexer.end();
  return {
    path,
    names: [...files.keys()],
    find(name: string): FileRange | undefined {
      let target: string | undefined = name;
      for (let hop = 0; target !== undefined && hop <= maxLinks; hop += 1) {
        const file = files.get(target);
        if (file !== undefined) return file;
        target = links.get(target);
      }
      return undefined;
    },
  };
}

/**
 * Feeds a tar reader so that the place of every entry's content is known: block by block where headers may be, and by
 * the chunk inside content. The reader sees every byte, so that it finds the entries that any other reader finds.
 */
class Indexer {
  readonly #path: string;
  readonly #files: Map<string, FileRange>;
  readonly #links: Map<string, string>;
  readonly #reader: TarReader;
  /** Bytes given to the reader, the piece that it is reading included. */
  #position = 0;
  /** Bytes of the last entry's content that are still to come. */
  #content = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string, found: { readonly files: Map<string, FileRange>; readonly links: Map<string, string> }) {
    this.#path = path;
    this.#files = found.files;
    this.#links = found.links;
    this.#reader = new TarReader(
      {
        entry: (entry) => this.#enter(entry),
        content: () => false,
        contentEnd: () => undefined,
      },
      { where: path, limits: { maxEntries: maxArchiveEntries } },
    );
  }

  push(chunk: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= blockBytes) {
      const whole = bytes.length - at - ((bytes.length - at) % blockBytes);
      // The last, partial block of content is followed by padding, and is read as one block with it.
      const inside = this.#content - (this.#content % blockBytes);
      const length = inside >= blockBytes ? Math.min(inside, whole) : blockBytes;
      this.#content = Math.max(0, this.#content - length);
      this.#position += length;
      this.#reader.push(bytes.subarray(at, at + length));
      at += length;
    }
    this.#rest = bytes.subarray(at);
  }

  end(): void {
    this.#position += this.#rest.length;
    this.#reader.push(this.#rest);
    const { trailingData } = this.#reader.end();
    if (trailingData) throw this.#invalid("goes on after its end", "Treat it as hostile, or pack it again.");
  }

  #invalid(what: string, hint: string): ScError {
    return new ScError("ARCHIVE_INVALID", `${this.#path}: ${what}`, { hint });
  }

  #enter(entry: TarEntry): boolean {
    const path = normalizeEntryPath(entry.path);
    // An entry outside the root can be no part of an image; nothing is unpacked here.
    if (path === undefined) return false;
    if (singular.has(path) && (this.#files.has(path) || this.#links.has(path))) {
      throw this.#invalid(`holds ${path} twice`, "Treat it as hostile: two tools may see two images in it.");
    }
    if (entry.sparse === true) throw this.#invalid("holds a sparse file", "Pack it again without --sparse.");
    if (entry.type === "file") {
      this.#files.set(path, { path: this.#path, offset: this.#position, length: entry.size });
      this.#links.delete(path);
      this.#content = entry.size;
    } else if (entry.type === "symlink" || entry.type === "hardlink") {
      const target = entry.type === "symlink" ? posix.join(posix.dirname(path), entry.linkPath) : entry.linkPath;
      const normal = normalizeEntryPath(target);
      if (normal !== undefined) this.#links.set(path, normal);
      this.#files.delete(path);
    }
    return false;
  }
}
