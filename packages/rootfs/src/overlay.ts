import { type Digest, type Problem, ScError } from "@sc/model";
import { type LogEntry, readEntryLog } from "./entry-log.ts";
import { FileTree } from "./file-tree.ts";

// Segments still to walk: link targets are at most 4 KiB, so a walk through 40 of them stays far below.
const maxSegments = 100_000;
// Every entry of the largest image, ten directories deep, thrice over.
const maxSteps = 300_000_000;

interface Applied {
  readonly entry: LogEntry;
  readonly ordinal: number;
}

interface WalkOptions {
  readonly followLast: boolean;
  readonly makeAs?: number;
}

/** A node that was reached, and the entry before which nothing below it can be seen. */
interface Place {
  readonly node: number;
  readonly cleared: number;
  /** Whether a symbolic link was followed on the way. */
  readonly linked: boolean;
}

/** What one layer adds. */
export interface OverlayLayer {
  readonly digest: Digest;
  readonly log: Uint8Array;
  readonly entries: number;
  readonly whiteouts: number;
  /** Indexes of the entries whose nodes the caller wants to know. */
  readonly watched: ReadonlySet<number>;
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
  // The directory of the entry before: tars come directory by directory.
  #lastPath: string | undefined;
  #lastPlace: Place | undefined;

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
    this.#forgetPlace();
    if (layer.whiteouts > 0) this.#applyWhiteouts(layer.log, base);
    this.#forgetPlace();
    let index = 0;
    for (const entry of readEntryLog(layer.log)) {
      const node = this.#applyEntry(entry, base + index);
      if (node !== undefined && layer.watched.has(index)) this.watched.set(base + index, node);
      index++;
    }
  }

  /** The node at a path, links in its directories followed, and its last link where asked; only if it is visible. */
  find(path: string, followLast: boolean): number | undefined {
    return this.#walk(path.split("/"), { followLast })?.node;
  }

  #applyWhiteouts(log: Uint8Array, base: number): void {
    for (const { kind, path } of readEntryLog(log)) {
      if (kind !== "whiteout" && kind !== "opaque") continue;
      const node = path === "" ? 0 : this.find(path, kind === "opaque");
      if (node === undefined) continue;
      this.tree.clear(node, base);
      if (kind === "whiteout") this.tree.remove(node);
    }
  }

  #applyEntry(entry: LogEntry, ordinal: number): number | undefined {
    if (entry.kind === "whiteout" || entry.kind === "opaque") return undefined;
    if (entry.path === "") return this.#applyRoot(entry);
    const slash = entry.path.lastIndexOf("/");
    const place = this.#directory(entry.path.slice(0, Math.max(slash, 0)), ordinal);
    if (place === undefined) {
      this.#report(
        "LINK_LOOP",
        `${JSON.stringify(entry.path)} lies behind symbolic links that go in circles`,
        entry.path,
      );
      return undefined;
    }
    const name = entry.path.slice(slash + 1);
    const node =
      entry.kind === "hardlink"
        ? this.#link(place, name, { entry, ordinal })
        : this.#put(place, name, { entry, ordinal });
    if (place.linked && node !== undefined) this.moved.push({ node, layerPath: entry.path });
    return node;
  }

  /** The root can be described, and only ever be a directory. */
  #applyRoot(entry: LogEntry): number | undefined {
    return entry.kind === "directory" ? 0 : undefined;
  }

  #put(place: Place, name: string, { entry, ordinal }: Applied): number {
    const existing = this.tree.child(place.node, name);
    const node = existing ?? this.tree.addChild(place.node, name);
    const merges =
      entry.kind === "directory" && this.#isLive(node, place.cleared) && this.tree.kind(node) === "directory";
    if (existing !== undefined && !merges) {
      this.tree.clear(node, ordinal);
      this.#forgetPlace();
    }
    const kind = entry.kind === "file" || entry.kind === "directory" || entry.kind === "symlink" ? entry.kind : "other";
    const { mode, size, linkTarget } = entry;
    this.tree.write(node, { kind, mode, size, entry: ordinal, contentEntry: ordinal, linkTarget });
    return node;
  }

  #link(place: Place, name: string, applied: Applied): number | undefined {
    const { entry, ordinal } = applied;
    const target = this.find(entry.linkTarget, false);
    const kind = target === undefined ? "absent" : this.tree.kind(target);
    if (
      target === undefined ||
      kind === "absent" ||
      kind === "directory" ||
      target === this.tree.child(place.node, name)
    ) {
      const names = JSON.stringify(entry.linkTarget);
      this.#report("HARDLINK_BROKEN", `a hard link names ${names}, which no link can be made to`, entry.path);
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
    const existing = this.tree.child(place.node, name);
    const node = existing ?? this.tree.addChild(place.node, name);
    if (existing !== undefined) {
      this.tree.clear(node, ordinal);
      this.#forgetPlace();
    }
    this.tree.write(node, content);
    this.hardlinks.push(node);
    return node;
  }

  /** The directory at a path, made where it is missing. */
  #directory(path: string, ordinal: number): Place | undefined {
    if (path === this.#lastPath) return this.#lastPlace;
    const place = this.#walk(path.split("/"), { followLast: true, makeAs: ordinal });
    this.#lastPath = path;
    this.#lastPlace = place;
    return place;
  }

  #forgetPlace(): void {
    this.#lastPath = undefined;
    this.#lastPlace = undefined;
  }

  #isLive(node: number, cleared: number): boolean {
    return this.tree.kind(node) !== "absent" && this.tree.entry(node) >= cleared;
  }

  #root(): Place {
    return { node: 0, cleared: this.tree.cleared(0), linked: false };
  }

  /** Walks down segments from the root, through links; with `makeAs` what is missing becomes a directory. */
  #walk(segments: readonly string[], { followLast, makeAs }: WalkOptions): Place | undefined {
    const todo = segments.toReversed();
    let place = this.#root();
    let links = 0;
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
      if (++links > this.#maxLinks) return undefined;
      const target = this.tree.linkTarget(next.node);
      const start = target.startsWith("/") ? this.#root() : place;
      place = { ...start, linked: true };
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
      return { node, cleared: Math.max(place.cleared, this.tree.cleared(node)), linked: place.linked };
    }
    if (makeAs === undefined) return undefined;
    const made = node ?? this.tree.addChild(place.node, name);
    if (node !== undefined) this.tree.clear(made, makeAs);
    this.tree.write(made, {
      kind: "directory",
      mode: 0o755,
      size: 0,
      entry: makeAs,
      contentEntry: makeAs,
      linkTarget: "",
    });
    return { node: made, cleared: Math.max(place.cleared, this.tree.cleared(made)), linked: place.linked };
  }

  #parentOf(place: Place): Place {
    const node = this.tree.parent(place.node);
    let cleared = 0;
    for (let at = node; ; at = this.tree.parent(at)) {
      cleared = Math.max(cleared, this.tree.cleared(at));
      if (at === 0) break;
    }
    return { node, cleared, linked: place.linked };
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
