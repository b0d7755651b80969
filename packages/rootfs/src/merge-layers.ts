import type { Problem } from "@sc/model";
import type { FileReader } from "./file-reader.ts";
import { isProblem } from "./file-reading.ts";
import type { LayerRecord, LinkedFact } from "./layer-record.ts";
import type { RootfsLimits } from "./limits.ts";
import { findLinkedEvidence, type LinkedReads } from "./linked-evidence.ts";
import { Overlay } from "./overlay.ts";
import type { FileStat, HiddenFact, RootFilesystem, WalkedLayer } from "./root-filesystem.ts";

/** Layers put over one another: what survived, what is still to be read, and the file system once it is. */
export class LayerMerge {
  readonly #overlay: Overlay;
  readonly #facts: Map<string, Map<string, unknown>>;
  readonly #problems: Problem[] = [];
  readonly #hidden: Map<string, HiddenFact[]>;
  readonly #hiddenProblems: Problem[] = [];
  /** Ordinals of hard links that were read, by the content they were read from. */
  readonly #linkReads = new Map<number, number>();
  /** Files that are the content of a surviving hard link. */
  readonly #linkOfContent = new Map<number, number>();

  /** Puts the layers of the records over one another, and empties their logs. */
  constructor(
    records: readonly LayerRecord[],
    { readers, limits }: { readonly readers: readonly FileReader<unknown>[]; readonly limits: RootfsLimits },
  ) {
    const entries = records.reduce((sum, record) => sum + record.entries, 0);
    this.#overlay = new Overlay(entries, limits.maxLinks);
    this.#facts = new Map(readers.map((reader) => [reader.id, new Map()]));
    this.#hidden = new Map(readers.map((reader) => [reader.id, []]));
    for (const [layer, record] of records.entries()) {
      const told = [...record.facts, ...record.problems].flatMap(({ entry }) => entry ?? []);
      const spent = records.lastIndexOf(record) === layer;
      this.#overlay.apply({ ...record, watched: Uint32Array.from(told).toSorted(), spent });
    }
    for (const [layer, record] of records.entries()) this.#readLinks(layer, record);
    for (const [layer, record] of records.entries()) this.#release(layer, record);
    this.#problems.push(...this.#overlay.problems);
  }

  /** Files that are wanted under paths the first pass did not see. */
  findLinkedEvidence(readers: readonly FileReader<unknown>[], limits: RootfsLimits): LinkedReads {
    const { tree } = this.#overlay;
    const contents = new Map<number, number>();
    for (const [link, content] of this.#linkReads) contents.set(link, content);
    return findLinkedEvidence(this.#overlay, readers, {
      limits,
      isLinkRead: (ordinal) => {
        const node = this.#overlay.watched.get(ordinal);
        const content = contents.get(ordinal);
        return node !== undefined && content !== undefined && content === tree.contentEntry(node);
      },
      hasFacts: (path, readerId) => this.#facts.get(readerId)?.has(path) === true,
    });
  }

  /** Adds what the second pass read. */
  addLinkedFacts(facts: readonly LinkedFact[]): void {
    for (const { path, reader, value } of facts) {
      if (isProblem(value)) this.#problems.push(value);
      else this.#facts.get(reader)?.set(path, value);
    }
  }

  /** Adds problems that are not of single files. */
  addProblems(problems: readonly Problem[]): void {
    this.#problems.push(...problems);
  }

  /** The file system; facts in the order of their paths. */
  finish(layers: readonly WalkedLayer[]): RootFilesystem {
    const facts = new Map(
      [...this.#facts].map(([id, found]) => [id, new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)))]),
    );
    const hidden = new Map([...this.#hidden].map(([id, found]) => [id, found.toSorted(byPlace)]));
    const parts = { layers, problems: this.#problems, facts, hidden, hiddenProblems: this.#hiddenProblems };
    return new MergedFilesystem(this.#overlay, parts);
  }

  #readLinks(layer: number, record: LayerRecord): void {
    for (const [link, content] of record.links) {
      this.#linkReads.set(this.#overlay.ordinal(layer, link), this.#overlay.ordinal(layer, content));
    }
    if (layer > 0) return;
    const { tree, hardlinks } = this.#overlay;
    for (const node of hardlinks) {
      if (tree.kind(node) === "file" && tree.isVisible(node)) this.#linkOfContent.set(tree.contentEntry(node), node);
    }
  }

  #release(layer: number, record: LayerRecord): void {
    const last = this.#lastEntries(layer, record);
    for (const { entry, reader, value } of record.facts) {
      const ordinal = this.#overlay.ordinal(layer, entry);
      const path = this.#survivingPath(ordinal);
      if (path !== undefined) this.#facts.get(reader)?.set(path, value);
      else {
        const place = this.#hiddenPlace(ordinal, last);
        if (place !== undefined) this.#hidden.get(reader)?.push({ ...place, layer, value });
      }
    }
    for (const { entry, problem } of record.problems) {
      if (entry === undefined) {
        this.#problems.push(problem);
        continue;
      }
      const ordinal = this.#overlay.ordinal(layer, entry);
      const path = this.#survivingPath(ordinal);
      if (path !== undefined) this.#problems.push({ ...problem, path });
      else {
        const place = this.#hiddenPlace(ordinal, last);
        if (place !== undefined) this.#hiddenProblems.push({ ...problem, path: place.path });
      }
    }
  }

  /** Of the watched entries of a layer the last for each node: what the layer itself overwrote was never seen. */
  #lastEntries(layer: number, record: LayerRecord): ReadonlyMap<number, number> {
    const last = new Map<number, number>();
    for (const { entry } of [...record.facts, ...record.problems]) {
      if (entry === undefined) continue;
      const ordinal = this.#overlay.ordinal(layer, entry);
      const node = this.#overlay.watched.get(ordinal);
      if (node !== undefined) last.set(node, Math.max(ordinal, last.get(node) ?? 0));
    }
    return last;
  }

  #hiddenPlace(ordinal: number, last: ReadonlyMap<number, number>): Pick<HiddenFact, "path" | "hiddenBy"> | undefined {
    const node = this.#overlay.watched.get(ordinal);
    if (node === undefined || last.get(node) !== ordinal) return undefined;
    const hiddenBy = this.#overlay.hiddenBy(ordinal, node);
    return hiddenBy === undefined ? undefined : { path: this.#overlay.tree.path(node), hiddenBy };
  }

  /** Where the file that an entry wrote can be seen; a hard link keeps it when its own name is gone. */
  #survivingPath(ordinal: number): string | undefined {
    const { tree, watched } = this.#overlay;
    const node = watched.get(ordinal);
    if (node === undefined) return undefined;
    if (tree.entry(node) === ordinal && tree.isVisible(node)) {
      const readFrom = this.#linkReads.get(ordinal);
      return readFrom === undefined || readFrom === tree.contentEntry(node) ? tree.path(node) : undefined;
    }
    const link = this.#linkOfContent.get(ordinal);
    return link === undefined ? undefined : tree.path(link);
  }
}

function byPlace(left: HiddenFact, right: HiddenFact): number {
  if (left.layer !== right.layer) return left.layer - right.layer;
  return left.path < right.path ? -1 : left.path > right.path ? 1 : 0;
}

interface MergedParts extends Pick<RootFilesystem, "layers" | "problems" | "hiddenProblems"> {
  readonly facts: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
  readonly hidden: ReadonlyMap<string, readonly HiddenFact[]>;
}

class MergedFilesystem implements RootFilesystem {
  readonly layers: readonly WalkedLayer[];
  readonly problems: readonly Problem[];
  readonly hiddenProblems: readonly Problem[];
  readonly #overlay: Overlay;
  readonly #facts: MergedParts["facts"];
  readonly #hidden: MergedParts["hidden"];

  constructor(overlay: Overlay, parts: MergedParts) {
    this.#overlay = overlay;
    this.layers = parts.layers;
    this.problems = parts.problems;
    this.hiddenProblems = parts.hiddenProblems;
    this.#facts = parts.facts;
    this.#hidden = parts.hidden;
  }

  facts(readerId: string): ReadonlyMap<string, unknown> {
    return this.#facts.get(readerId) ?? new Map();
  }

  hiddenFacts(readerId: string): readonly HiddenFact[] {
    return this.#hidden.get(readerId) ?? [];
  }

  layerOf(path: string): number | undefined {
    return this.stat(path)?.layer;
  }

  lstat(path: string): FileStat | undefined {
    return this.#statOf(this.#overlay.find(path, false));
  }

  stat(path: string): FileStat | undefined {
    return this.#statOf(this.#overlay.find(path, true));
  }

  resolve(path: string): string | undefined {
    const node = this.#overlay.find(path, true);
    return node === undefined ? undefined : this.#overlay.tree.path(node);
  }

  #statOf(node: number | undefined): FileStat | undefined {
    if (node === undefined) return undefined;
    const { tree } = this.#overlay;
    const kind = tree.kind(node);
    if (kind === "absent") return undefined;
    const linkTarget = kind === "symlink" ? { linkTarget: tree.linkTarget(node) } : {};
    const layer = this.#overlay.layerOf(tree.entry(node));
    return { path: tree.path(node), type: kind, size: tree.size(node), mode: tree.mode(node), ...linkTarget, layer };
  }
}
