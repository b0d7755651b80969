import { ScError } from "@sc/model";
import type { FileEntry } from "./entry.ts";
import type { FileReader } from "./file-reader.ts";
import { companionOf } from "./held-files.ts";
import type { LinkedRead } from "./layer-record.ts";
import type { RootfsLimits } from "./limits.ts";
import type { Overlay } from "./overlay.ts";
import { ReaderIndex } from "./reader-index.ts";

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
  readonly #index: ReaderIndex;
  readonly #options: LinkedEvidenceOptions;
  readonly #wantedPaths = new Set<string>();
  #seen = 0;

  constructor(overlay: Overlay, readers: readonly FileReader<unknown>[], options: LinkedEvidenceOptions) {
    this.#overlay = overlay;
    this.#index = new ReaderIndex(readers);
    this.#options = options;
  }

  moved(): void {
    const { tree, moved } = this.#overlay;
    for (const { node, layerPath } of moved) {
      if (tree.kind(node) === "file" && tree.isVisible(node)) this.#link(node, tree.path(node), layerPath);
    }
  }

  hardlinks(): void {
    const { tree, hardlinks } = this.#overlay;
    for (const node of hardlinks) {
      const current =
        tree.kind(node) === "file" && tree.contentEntry(node) !== tree.entry(node) && tree.isVisible(node);
      if (current && !this.#options.isLinkRead(tree.entry(node))) this.#link(node, tree.path(node));
    }
  }

  symlinks(): void {
    const { tree } = this.#overlay;
    const directories = new Map<number, string[]>();
    for (let node = 0; node < tree.count; node++) {
      if (tree.kind(node) !== "symlink" || !tree.isVisible(node)) continue;
      const target = this.#overlay.follow(node);
      if (target === undefined) continue;
      const kind = tree.kind(target);
      if (kind === "file") this.#link(target, tree.path(node), tree.path(target));
      else if (kind === "directory" && target !== 0) append(directories, target, tree.path(node));
    }
    if (directories.size > 0) this.#behind(directories);
  }

  /** A single file under another path; those that want it at its real path have it. */
  #link(node: number, path: string, realPath?: string): void {
    const asked = this.#index.asked(path);
    if (asked.length === 0) return;
    const real = realPath === undefined ? undefined : this.#entryOf(node, realPath);
    const readers = real === undefined ? asked : asked.filter((reader) => !concerns(reader, real));
    if (readers.length > 0) this.#offer(node, { path, realPath, readers });
  }

  /** Every file below a directory that links lead to, under the names it has through them. */
  #behind(found: ReadonlyMap<number, readonly string[]>): void {
    const { tree } = this.#overlay;
    const marked = this.#placesOf(this.#index.above);
    const directories = new Map<number, LinkedFolder>();
    const behind = new Uint8Array(tree.count);
    for (const [node, links] of found) {
      directories.set(node, { pathLength: tree.path(node).length, links: links.map((path) => this.#linkTo(path)) });
      behind[node] = 1;
    }
    const anyFile = marked.size > 0 || directories.values().some(({ links }) => links.some(({ telling }) => telling));
    let inside: FolderBehind = { node: 0, name: "", path: undefined };
    // A directory was there before what is in it.
    for (let node = 1; node < tree.count; node++) {
      const folder = tree.parent(node);
      if (behind[folder] !== 1) continue;
      behind[node] = 1;
      if (tree.kind(node) !== "file") continue;
      if (folder !== inside.node) inside = { node: folder, name: tree.name(folder), path: undefined };
      const name = tree.name(node);
      const named = this.#index.named(name, inside.name);
      // Most files are of no concern to anybody, whatever they are called, and packages have hundreds of links to them.
      if (!anyFile && named.length === 0) continue;
      this.#climb({ node, name, folder: inside, named, without: new Map() }, directories, marked);
    }
  }

  #linkTo(path: string): LinkTo {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const through = this.#index.through(`${path}/`);
    return { path, name, through, telling: through.length > 0 || this.#index.isFolder(name) };
  }

  /** Goes up from a file, and asks about it at every directory that links lead to. */
  #climb(file: FileBehind, directories: ReadonlyMap<number, LinkedFolder>, marked: ReadonlyMap<number, string>): void {
    const { tree } = this.#overlay;
    const folder = tree.parent(file.node);
    const below = new Set<string>();
    for (let at = folder; at !== 0; at = tree.parent(at)) {
      const linked = directories.get(at);
      if (linked !== undefined) {
        if (file.path === undefined && !tree.isVisible(file.node)) return;
        this.#through(file, { linked, below, direct: at === folder });
      }
      const place = marked.get(at);
      if (place !== undefined) below.add(place);
    }
  }

  /** The directories of those names. */
  #placesOf(names: ReadonlySet<string>): ReadonlyMap<number, string> {
    const { tree } = this.#overlay;
    const places = new Map<number, string>();
    for (let node = 0; names.size > 0 && node < tree.count; node++) {
      if (tree.kind(node) !== "directory") continue;
      const name = tree.name(node);
      if (names.has(name)) places.set(node, name);
    }
    return places;
  }

  #through(file: FileBehind, { linked, below, direct }: Passage): void {
    const { tree } = this.#overlay;
    const index = this.#index;
    let inside = direct ? nobody : file.named;
    for (const name of below) inside = index.join(inside, index.below(name));
    for (const link of linked.links) {
      // Straight in the directory its name is that of the link.
      const here = direct ? index.join(inside, index.named(file.name, link.name)) : inside;
      const asked = index.join(here, link.through);
      if (asked.length === 0) continue;
      const realPath = (file.path ??= `${(file.folder.path ??= tree.path(file.folder.node))}/${file.name}`);
      const readers = this.#without(asked, file, realPath);
      if (readers.length === 0) continue;
      const path = link.path + realPath.slice(linked.pathLength);
      this.#offer(file.node, { path, realPath, readers });
    }
  }

  /** Those of the readers that do not have the file at its real path. */
  #without(asked: readonly FileReader<unknown>[], file: FileBehind, realPath: string): readonly FileReader<unknown>[] {
    const known = file.without.get(asked);
    if (known !== undefined) return known;
    const entry = this.#entryOf(file.node, realPath);
    const readers = asked.filter((reader) => !concerns(reader, entry));
    file.without.set(asked, readers);
    return readers;
  }

  #entryOf(node: number, path: string): FileEntry {
    const { tree } = this.#overlay;
    return { path, type: "file", size: tree.size(node), mode: tree.mode(node) };
  }

  /** Asks readers whether they want a file under a path; those that have facts at its real path do not need it. */
  #offer(node: number, { path, realPath, readers: asked }: Offer): void {
    if (++this.#seen > this.#options.limits.maxLinkedFiles) {
      throw new ScError(
        "IMAGE_LIMIT_EXCEEDED",
        `more than ${this.#options.limits.maxLinkedFiles} files lie behind links`,
      );
    }
    const entry = this.#entryOf(node, path);
    const wanting = asked.filter(
      (reader) => concerns(reader, entry) && (realPath === undefined || !this.#options.hasFacts(realPath, reader.id)),
    );
    if (wanting.length === 0 || this.#wantedPaths.has(path)) return;
    this.#wantedPaths.add(path);
    const content = this.#overlay.tree.contentEntry(node);
    const layer = this.#overlay.layerOf(content);
    const read = { entry: this.#overlay.entryOf(content), path, readers: wanting.map((reader) => reader.id) };
    append(this.reads, layer, read);
  }
}

const nobody: readonly FileReader<unknown>[] = [];

/** A file under another path than its own. */
interface Offer {
  readonly path: string;
  readonly realPath: string | undefined;
  readonly readers: readonly FileReader<unknown>[];
}

/** The directory of files that may lie behind links. */
interface FolderBehind {
  readonly node: number;
  readonly name: string;
  path: string | undefined;
}

/** A file that may lie behind links. */
interface FileBehind {
  readonly node: number;
  readonly name: string;
  readonly folder: FolderBehind;
  /** Those that may want it for its name and that of its directory. */
  readonly named: readonly FileReader<unknown>[];
  path?: string;
  /** By readers that are asked: those of them that do not have it at its real path. */
  readonly without: Map<readonly FileReader<unknown>[], readonly FileReader<unknown>[]>;
}

/** A link to a directory. */
interface LinkTo {
  readonly path: string;
  readonly name: string;
  /** Those that may want a file behind it for the directories it lies in. */
  readonly through: readonly FileReader<unknown>[];
  /** Whether its own place can make anybody want what lies behind it. */
  readonly telling: boolean;
}

/** A directory that links lead to. */
interface LinkedFolder {
  readonly pathLength: number;
  readonly links: readonly LinkTo[];
}

/** A directory above a file, and the links that lead to it. */
interface Passage {
  readonly linked: LinkedFolder;
  /** Places that readers know, between the directory and the file. */
  readonly below: ReadonlySet<string>;
  /** Whether the file lies straight in the directory: its directory is then called like the link. */
  readonly direct: boolean;
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
