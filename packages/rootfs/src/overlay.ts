import { type Digest, type Problem, ScError } from "@sc/model";
import { type EntryLog, EntryLogReader } from "./entry-log.ts";
import { FileTree } from "./file-tree.ts";

// Segments still to walk: link targets are at most 4 KiB, so a walk through 40 of them stays far below.
const maxSegments = 100_000;
// Every entry of the largest image, ten directories deep, thrice over.
const maxSteps = 300_000_000;
const slash = 0x2f;

interface WalkOptions {
  readonly followLast: boolean;
  readonly makeAs?: number;
  /** Where the path begins; the root when not given. */
  readonly start?: Place;
}

/** A node that was reached, and the entry before which nothing below it can be seen. */
interface Place {
  readonly node: number;
  readonly cleared: number;
  /** How many symbolic links were followed on the way. */
  readonly links: number;
}

/** A directory on the path of the entry before, and the length of its path. */
interface Passed {
  readonly length: number;
  /** `undefined` where links go in circles. */
  readonly place: Place | undefined;
}

/** What one layer adds. */
export interface OverlayLayer {
  readonly digest: Digest;
  readonly log: EntryLog;
  /** Whether the log is not read again: its memory is given back while it is applied. */
  readonly spent: boolean;
  readonly entries: number;
  readonly whiteouts: number;
  /** Indexes of the entries whose nodes the caller wants to know, in ascending order. */
  readonly watched: Uint32Array;
}

/** A file that lies elsewhere than its layer says, because a directory on its path is a symbolic link. */
export interface MovedFile {
  readonly node: number;
  readonly layerPath: string;
}

/**
 * The file system that layers come to, one put over the other.
 *
 * Follows what containerd does when it unpacks: whiteouts hide older layers only, whatever their order; directories of
 * an entry's path are looked up through symbolic links inside the root; the entry itself replaces a link; a directory
 * over a directory keeps its content, everything else replaces with all that is below; of two entries with one path
 * the later wins.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#applying-changesets
 */
export class Overlay {
  readonly tree: FileTree;
  readonly problems: Problem[] = [];
  /** Nodes of watched entries, by the entry's ordinal over all layers. */
  readonly watched: Map<number, number> = new Map();
  readonly moved: MovedFile[] = [];
  /** Nodes that were written by hard links. */
  readonly hardlinks: number[] = [];
  readonly #maxLinks: number;
  /** The ordinal of each layer's first entry. 0 is the root's, which belongs to no layer. */
  readonly #bases: number[] = [];
  #next = 1;
  #steps = 0;
  #digest: Digest | undefined;
  // The directories of the entry before, from the root's child on: tars come directory by directory.
  readonly #passed: Passed[] = [];

  constructor(capacity: number, maxLinks: number) {
    this.tree = new FileTree(capacity);
    this.#maxLinks = maxLinks;
  }

  /** The ordinal, over all layers, of an entry of a layer. */
  ordinal(layer: number, entry: number): number {
    return (this.#bases[layer] ?? 0) + entry;
  }

  /** The layer that an ordinal belongs to. */
  layerOf(ordinal: number): number {
    let low = 0;
    let high = this.#bases.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#bases[middle] ?? 0) <= ordinal) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** An ordinal as an entry of its layer. */
  entryOf(ordinal: number): number {
    return ordinal - (this.#bases[this.layerOf(ordinal)] ?? 0);
  }

  /**
   * The layer that hides what an entry wrote, the last where several did: another file took its place, or a whiteout
   * took it or a directory above it away. `undefined` where no later layer did.
   */
  hiddenBy(ordinal: number, node: number): number | undefined {
    let hider = Math.max(this.tree.entry(node), this.tree.cleared(node));
    for (let at = node; at !== 0;) {
      at = this.tree.parent(at);
      hider = Math.max(hider, this.tree.cleared(at));
    }
    const layer = this.layerOf(hider);
    return layer > this.layerOf(ordinal) ? layer : undefined;
  }

  /** Puts the next layer on top. */
  apply(layer: OverlayLayer): void {
    const base = this.#next;
    this.#bases.push(base);
    this.#next += layer.entries;
    this.#digest = layer.digest;
    if (layer.whiteouts > 0) this.#applyWhiteouts(layer.log, base);
    const log = new EntryLogReader(layer.log, layer);
    const { watched } = layer;
    for (let index = 0, next = 0; log.next(); index++) {
      const node = this.#applyEntry(log, base + index);
      if (watched[next] !== index) continue;
      if (node !== undefined) this.watched.set(base + index, node);
      while (watched[next] === index) next++;
    }
  }

  /** The node at a path, links in its directories followed, and its last link where asked; only if it is visible. */
  find(path: string, followLast: boolean): number | undefined {
    return this.#walk(path.split("/"), { followLast })?.node;
  }

  /** What a visible symbolic link leads to, links on the way followed. */
  follow(link: number): number | undefined {
    const target = this.tree.linkTarget(link);
    const beside = this.#parentOf({ node: link, cleared: 0, links: 1 });
    const start = target.startsWith("/") ? { ...this.#root(), links: 1 } : beside;
    return this.#walk(target.split("/"), { followLast: true, start })?.node;
  }

  #applyWhiteouts(entries: EntryLog, base: number): void {
    const log = new EntryLogReader(entries);
    while (log.next()) {
      const { kind } = log;
      if (kind !== "whiteout" && kind !== "opaque") continue;
      const { path } = log;
      const node = path === "" ? 0 : this.find(path, kind === "opaque");
      if (node === undefined) continue;
      this.tree.clear(node, base);
      if (kind === "whiteout") this.tree.remove(node);
    }
  }

  #applyEntry(log: EntryLogReader, ordinal: number): number | undefined {
    this.#forgetPassed(log.shared);
    const { kind, units } = log;
    if (kind === "whiteout" || kind === "opaque") return undefined;
    // The root can be described, and only ever be a directory.
    if (units.to === 0) return kind === "directory" ? 0 : undefined;
    const place = this.#directory(log, ordinal);
    if (place === undefined) {
      const { path } = log;
      this.#report("LINK_LOOP", `${JSON.stringify(path)} lies behind symbolic links that go in circles`, path);
      return undefined;
    }
    const node = kind === "hardlink" ? this.#link(place, log, ordinal) : this.#put(place, log, ordinal);
    if (place.links > 0 && node !== undefined) this.moved.push({ node, layerPath: log.path });
    return node;
  }

  #put(place: Place, log: EntryLogReader, ordinal: number): number {
    const { kind, mode, size } = log;
    const { count } = this.tree;
    const node = this.tree.childOrNew(place.node, log.units);
    const merges = kind === "directory" && this.tree.kind(node) === "directory" && this.#isLive(node, place.cleared);
    if (node < count && !merges) this.#replace(node, ordinal);
    const linkTarget = kind === "symlink" ? log.linkTarget : "";
    const written = kind === "file" || kind === "directory" || kind === "symlink" ? kind : "other";
    this.tree.write(node, { kind: written, mode, size, entry: ordinal, contentEntry: ordinal, linkTarget });
    return node;
  }

  #link(place: Place, log: EntryLogReader, ordinal: number): number | undefined {
    const { linkTarget } = log;
    const target = this.find(linkTarget, false);
    const kind = target === undefined ? "absent" : this.tree.kind(target);
    if (
      target === undefined ||
      kind === "absent" ||
      kind === "directory" ||
      target === this.tree.child(place.node, log.units)
    ) {
      const names = JSON.stringify(linkTarget);
      this.#report("HARDLINK_BROKEN", `a hard link names ${names}, which no link can be made to`, log.path);
      return undefined;
    }
    const content = {
      kind,
      mode: this.tree.mode(target),
      size: this.tree.size(target),
      entry: ordinal,
      contentEntry: this.tree.contentEntry(target),
      linkTarget: this.tree.linkTarget(target),
    };
    const { count } = this.tree;
    const node = this.tree.childOrNew(place.node, log.units);
    if (node < count) this.#replace(node, ordinal);
    this.tree.write(node, content);
    this.hardlinks.push(node);
    return node;
  }

  /** Hides what was below a node that something else takes the place of. */
  #replace(node: number, ordinal: number): void {
    this.tree.clear(node, ordinal);
    const kind = this.tree.kind(node);
    // No path leads through anything else.
    if (kind === "directory" || kind === "symlink") this.#passed.length = 0;
  }

  /** The directory that an entry lies in, made where it is missing. */
  #directory({ units }: EntryLogReader, ordinal: number): Place | undefined {
    if (units.from === 0) return this.#root();
    const end = units.from - 1;
    let last = this.#passed.at(-1);
    while (last?.length !== end) {
      if (last !== undefined && last.place === undefined) return undefined;
      const from = last === undefined ? 0 : last.length + 1;
      const length = units.codes.indexOf(slash, from);
      const start = last?.place ?? this.#root();
      const place = this.#walk([units.text(from, length)], { followLast: true, makeAs: ordinal, start });
      last = { length, place };
      this.#passed.push(last);
    }
    return last.place;
  }

  /** Forgets those directories whose paths are not among what a path has in common with the one before. */
  #forgetPassed(shared: number): void {
    while ((this.#passed.at(-1)?.length ?? -1) >= shared) this.#passed.pop();
  }

  #isLive(node: number, cleared: number): boolean {
    return this.tree.kind(node) !== "absent" && this.tree.entry(node) >= cleared;
  }

  #root(): Place {
    return { node: 0, cleared: this.tree.cleared(0), links: 0 };
  }

  /** Walks down segments, through links; with `makeAs` what is missing becomes a directory. */
  #walk(segments: readonly string[], { followLast, makeAs, start = this.#root() }: WalkOptions): Place | undefined {
    const todo = segments.toReversed();
    let place = start;
    for (let segment = todo.pop(); segment !== undefined; segment = todo.pop()) {
      this.#countStep();
      if (!isName(segment)) {
        if (segment === "..") place = this.#parentOf(place);
        continue;
      }
      const next = this.#step(place, segment, makeAs);
      if (next === undefined) return undefined;
      const follow = this.tree.kind(next.node) === "symlink" && (followLast || todo.some(isSegment));
      if (!follow) {
        place = next;
        continue;
      }
      const links = place.links + 1;
      if (links > this.#maxLinks) return undefined;
      const target = this.tree.linkTarget(next.node);
      place = { ...(target.startsWith("/") ? this.#root() : place), links };
      todo.push(...target.split("/").toReversed());
      if (todo.length > maxSegments) return undefined;
    }
    return place;
  }

  #countStep(): void {
    if (++this.#steps > maxSteps) {
      throw new ScError("IMAGE_LIMIT_EXCEEDED", `the paths of the image take more than ${maxSteps} steps to follow`);
    }
  }

  #step(place: Place, name: string, makeAs: number | undefined): Place | undefined {
    const node = this.tree.child(place.node, name);
    const live = node !== undefined && this.#isLive(node, place.cleared);
    const kind = live ? this.tree.kind(node) : "absent";
    if (node !== undefined && live && (makeAs === undefined || kind === "directory" || kind === "symlink")) {
      return { node, cleared: Math.max(place.cleared, this.tree.cleared(node)), links: place.links };
    }
    if (makeAs === undefined) return undefined;
    const made = node ?? this.tree.childOrNew(place.node, name);
    if (node !== undefined) this.tree.clear(made, makeAs);
    this.tree.write(made, {
      kind: "directory",
      mode: 0o755,
      size: 0,
      entry: makeAs,
      contentEntry: makeAs,
      linkTarget: "",
    });
    return { node: made, cleared: Math.max(place.cleared, this.tree.cleared(made)), links: place.links };
  }

  #parentOf(place: Place): Place {
    const node = this.tree.parent(place.node);
    let cleared = 0;
    for (let at = node; ; at = this.tree.parent(at)) {
      cleared = Math.max(cleared, this.tree.cleared(at));
      if (at === 0) break;
    }
    return { node, cleared, links: place.links };
  }

  #report(code: string, message: string, path: string): void {
    const layer = this.#digest === undefined ? {} : { layer: this.#digest };
    this.problems.push({ kind: "problem", code, message, path, ...layer, incomplete: true });
  }
}

function isName(segment: string): boolean {
  return segment !== "" && segment !== "." && segment !== "..";
}

function isSegment(segment: string): boolean {
  return segment !== "" && segment !== ".";
}
