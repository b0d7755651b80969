import { open } from "node:fs/promises";
import { posix } from "node:path";
import { normalizeEntryPath, type TarEntry, TarReader } from "@sc/archive";
import { type Call, ScError } from "@sc/model";
import { fileRange, readFailed } from "../file-range.ts";
import { maxArchiveEntries } from "../limits.ts";
import type { FileRange } from "../source.ts";

const blockBytes = 512;
/** What is read at once where headers are looked for; a whole number of blocks. */
const windowBytes = 64 * 1024;
/** Stands in for content that is not read. */
const unread = Buffer.alloc(1024 * 1024);
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
 * Where the files of a tar lie, found in one pass over its headers; content is not read. Throws `FILE_NOT_FOUND`,
 * `ARCHIVE_INVALID` for a tar that two readers could read differently, and what the tar reader throws.
 */
export async function indexTar(path: string, call: Call = {}): Promise<TarIndex> {
  const range = await fileRange(path);
  if (range === undefined) throw new ScError("FILE_NOT_FOUND", `${path}: there is no such file`);
  const indexer = new Indexer(range);
  const file = await open(path, "r").catch((cause: unknown) => {
    throw readFailed(path, cause);
  });
  try {
    while (indexer.position < range.length) {
      call.signal?.throwIfAborted();
      const window = Buffer.alloc(Math.min(windowBytes, range.length - indexer.position));
      const { bytesRead } = await file.read(window, 0, window.length, indexer.position).catch((cause: unknown) => {
        throw readFailed(path, cause);
      });
      if (bytesRead === 0) throw new ScError("FILE_READ_FAILED", `${path}: became shorter while it was read`);
      indexer.push(window.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
  const { files, links } = indexer.end();
  return {
    path,
    names: [...files.keys()],
    find(name: string): FileRange | undefined {
      let target: string | undefined = name;
      for (let hop = 0; target !== undefined && hop <= maxLinks; hop += 1) {
        const found = files.get(target);
        if (found !== undefined) return found;
        target = links.get(target);
      }
      return undefined;
    },
  };
}

/**
 * Feeds a tar reader block by block, so that the place of every entry's content is known. Content itself is not read:
 * the reader skips by counting, so any bytes will do. It finds the entries that any other reader finds, since it is told
 * of every header.
 */
class Indexer {
  /** Where to go on reading. */
  position = 0;
  readonly #archive: FileRange;
  readonly #files = new Map<string, FileRange>();
  readonly #links = new Map<string, string>();
  readonly #reader: TarReader;
  /** Bytes of the last entry's content, padding included, that the reader has still to be given. */
  #skip = 0;

  constructor(archive: FileRange) {
    this.#archive = archive;
    this.#reader = new TarReader(
      {
        entry: (entry) => this.#enter(entry),
        content: () => false,
        contentEnd: () => undefined,
      },
      { where: archive.path, limits: { maxEntries: maxArchiveEntries } },
    );
  }

  /** Takes the bytes at `position`, and moves it on: past the content of the last entry, or to the window's end. */
  push(window: Buffer): void {
    const start = this.position;
    while (this.position < start + window.length) {
      const at = this.position - start;
      // After a short read a block comes in two parts; a header must end where a piece ends.
      const block = window.subarray(at, at + blockBytes - (this.position % blockBytes));
      this.position += block.length;
      this.#reader.push(block);
      this.#skipContent();
    }
  }

  end(): { readonly files: ReadonlyMap<string, FileRange>; readonly links: ReadonlyMap<string, string> } {
    const { trailingData } = this.#reader.end();
    if (trailingData) throw this.#invalid("goes on after its end", "Treat it as hostile, or pack it again.");
    return { files: this.#files, links: this.#links };
  }

  // Never past the end of the file, so that the reader notices when content is missing there.
  #skipContent(): void {
    let length = Math.min(this.#skip, this.#archive.length - this.position);
    this.position += length;
    this.#skip = 0;
    for (; length > 0; length -= unread.length) this.#reader.push(unread.subarray(0, Math.min(length, unread.length)));
  }

  #invalid(what: string, hint: string): ScError {
    return new ScError("ARCHIVE_INVALID", `${this.#archive.path}: ${what}`, { hint });
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
      this.#files.set(path, { path: this.#archive.path, offset: this.position, length: entry.size });
      this.#links.delete(path);
      this.#skip = Math.ceil(entry.size / blockBytes) * blockBytes;
    } else if (entry.type === "symlink" || entry.type === "hardlink") {
      const target = entry.type === "symlink" ? posix.join(posix.dirname(path), entry.linkPath) : entry.linkPath;
      const normal = normalizeEntryPath(target);
      if (normal !== undefined) this.#links.set(path, normal);
      this.#files.delete(path);
    }
    return false;
  }
}
