import { ScError } from "@sc/model";
import type { FileEntry } from "./entry.ts";
import type { FileReader } from "./file-reader.ts";
import { companionOf } from "./held-files.ts";
import type { LinkedRead } from "./layer-record.ts";
import type { RootfsLimits } from "./limits.ts";
import type { Overlay } from "./overlay.ts";

/** Wanted files that the first pass could not know to be wanted, by layer. */
export type LinkedReads = ReadonlyMap<number, readonly LinkedRead[]>;

/** What is known already when linked evidence is looked for. */
export interface LinkedEvidenceOptions {
  readonly limits: RootfsLimits;
  /** Whether a hard link's own entry was read in the first pass, from the right content. */
  isLinkRead(ordinal: number): boolean;
  /** Whether a reader has facts at a path without links. */
  hasFacts(path: string, readerId: string): boolean;
}

/**
 * The files that readers want only under a path which the first pass did not see: behind symbolic links to files and
 * directories, as hard links, or where a layer's directory is a link in the layers below.
 *
 * A reader that wants the file at its real path too is not given it twice. Throws `IMAGE_LIMIT_EXCEEDED`.
 */
export function findLinkedEvidence(
  overlay: Overlay,
  readers: readonly FileReader<unknown>[],
  options: LinkedEvidenceOptions,
): LinkedReads {
  const search = new Search(overlay, readers, options);
  search.moved();
  search.hardlinks();
  search.symlinks();
  return search.reads;
}

class Search {
  readonly reads = new Map<number, LinkedRead[]>();
  readonly #overlay: Overlay;
  readonly #readers: readonly FileReader<unknown>[];
  readonly #options: LinkedEvidenceOptions;
  readonly #wantedPaths = new Set<string>();
  #seen = 0;

  constructor(overlay: Overlay, readers: readonly FileReader<unknown>[], options: LinkedEvidenceOptions) {
    this.#overlay = overlay;
    this.#readers = readers;
    this.#options = options;
  }

  moved(): void {
    const { tree, moved } = this.#overlay;
    for (const { node, layerPath } of moved) {
      if (tree.kind(node) === "file" && tree.isVisible(node)) this.#offer(node, tree.path(node), layerPath);
    }
  }

  hardlinks(): void {
    const { tree, hardlinks } = this.#overlay;
    for (const node of hardlinks) {
      const current =
        tree.kind(node) === "file" && tree.contentEntry(node) !== tree.entry(node) && tree.isVisible(node);
      if (current && !this.#options.isLinkRead(tree.entry(node))) this.#offer(node, tree.path(node));
    }
  }

  symlinks(): void {
    const { tree } = this.#overlay;
    const directories = new Map<number, string[]>();
    for (let node = 0; node < tree.count; node++) {
      if (tree.kind(node) !== "symlink" || !tree.isVisible(node)) continue;
      const path = tree.path(node);
      const target = this.#overlay.find(path, true);
      if (target === undefined) continue;
      const kind = tree.kind(target);
      if (kind === "file") this.#offer(target, path, tree.path(target));
      else if (kind === "directory" && target !== 0) append(directories, target, path);
    }
    if (directories.size > 0) this.#behind(directories);
  }

  /** Every file below a directory that links lead to, under the names it has through them. */
  #behind(directories: ReadonlyMap<number, readonly string[]>): void {
    const { tree } = this.#overlay;
    for (let node = 0; node < tree.count; node++) {
      if (tree.kind(node) !== "file") continue;
      let visible: boolean | undefined;
      for (let at = tree.parent(node); at !== 0; at = tree.parent(at)) {
        const links = directories.get(at);
        if (links === undefined) continue;
        visible ??= tree.isVisible(node);
        if (visible) this.#through(node, at, links);
      }
    }
  }

  #through(node: number, directory: number, links: readonly string[]): void {
    const { tree } = this.#overlay;
    const path = tree.path(node);
    const rest = path.slice(tree.path(directory).length);
    for (const link of links) this.#offer(node, link + rest, path);
  }

  /** Asks the readers whether they want a file under a path; those that want it at its real path have it. */
  #offer(node: number, path: string, realPath?: string): void {
    if (++this.#seen > this.#options.limits.maxLinkedFiles) {
      throw new ScError(
        "IMAGE_LIMIT_EXCEEDED",
        `more than ${this.#options.limits.maxLinkedFiles} files lie behind links`,
      );
    }
    const { tree } = this.#overlay;
    const file: FileEntry = { path, type: "file", size: tree.size(node), mode: tree.mode(node) };
    const wanting = this.#readers.filter((reader) => {
      if (!concerns(reader, file)) return false;
      if (realPath === undefined) return true;
      return !concerns(reader, { ...file, path: realPath }) && !this.#options.hasFacts(realPath, reader.id);
    });
    if (wanting.length === 0 || this.#wantedPaths.has(path)) return;
    this.#wantedPaths.add(path);
    const content = tree.contentEntry(node);
    const layer = this.#overlay.layerOf(content);
    const read = { entry: this.#overlay.entryOf(content), path, readers: wanting.map((reader) => reader.id) };
    append(this.reads, layer, read);
  }
}

/** Whether a reader wants the file, or reads it together with one it wants. */
function concerns(reader: FileReader<unknown>, file: FileEntry): boolean {
  return reader.wants(file) || companionOf(reader, file) !== undefined;
}

function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
