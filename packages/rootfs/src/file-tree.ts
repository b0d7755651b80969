import { randomBytes } from "node:crypto";
import { ScError } from "@sc/model";
import { CodeUnits } from "./code-units.ts";
import { NodeNames } from "./node-names.ts";

/** What a node of the tree is. `absent` is a name that is taken but hidden, or was never there itself. */
export type NodeKind = "absent" | "file" | "directory" | "symlink" | "other";

const nodeKinds: readonly NodeKind[] = ["absent", "file", "directory", "symlink", "other"];
// Every entry of the largest image and as many directories that no entry describes.
const maxNodes = 20_000_000;
const none = 0xffff_ffff;
// How full the table of names may be: at four fifths a name is found within three looks, and four bytes a node are saved.
const maxLoad = 0.8;
const largeSize = 0xffff_ffff;
// The content is the entry's own. The root's is 0 too, and no other's.
const ownContent = 0;

/** What a node holds besides its name. */
export interface NodeContent {
  readonly kind: NodeKind;
  readonly mode: number;
  readonly size: number;
  /** The entry, counted over all layers, that put it there. */
  readonly entry: number;
  /** The entry whose bytes are its content: another one for a hard link. */
  readonly contentEntry: number;
  /** Of a symlink, as written. */
  readonly linkTarget: string;
}

/**
 * The names of a file system in typed arrays: some 50 bytes a node, so that an image of millions of files fits.
 *
 * Nodes are numbers; 0 is the root. A node is never removed: what an entry hides is told by ordinals. Every node knows
 * the entry that wrote it and, in `cleared`, the entry up to which everything below it is hidden, so that removing a
 * tree of a million files is one assignment.
 */
export class FileTree {
  #count = 0;
  #parents: Uint32Array;
  #entries: Uint32Array;
  #cleared: Uint32Array;
  #sizes: Uint32Array;
  #extra: Uint32Array;
  #modes: Uint16Array;
  #table: Uint32Array;
  readonly #names: NodeNames;
  /** The child that was found or made last. */
  #last = 0;
  // A name that was given as text.
  readonly #given = new CodeUnits();
  readonly #largeSizes = new Map<number, number>();
  // Secret, so that nobody can prepare names that all fall into one place of the table.
  readonly #seed = randomBytes(8);
  readonly #multiplier = this.#seed.readUInt32LE(0) | 1;
  readonly #offset = this.#seed.readUInt32LE(4);

  /** A tree with nothing but its root, with room for so many nodes. */
  constructor(capacity: number) {
    // Room for directories that no entry describes; what is never written to takes no memory.
    const room = Math.ceil(capacity * 1.1) + 1024;
    this.#parents = new Uint32Array(room);
    this.#names = new NodeNames(room);
    this.#entries = new Uint32Array(room);
    this.#cleared = new Uint32Array(room);
    this.#sizes = new Uint32Array(room);
    this.#extra = new Uint32Array(room);
    this.#modes = new Uint16Array(room);
    this.#table = new Uint32Array(tableSize(room)).fill(none);
    const root = this.#given.set("");
    this.#add(this.#hash(0, root), 0, root);
    this.write(0, { kind: "directory", mode: 0o755, size: 0, entry: 0, contentEntry: 0, linkTarget: "" });
  }

  /** Nodes made so far: they are numbered from 0. */
  get count(): number {
    return this.#count;
  }

  /** The child of that name, visible or not. */
  child(parent: number, name: string | CodeUnits): number | undefined {
    const units = this.#unitsOf(name);
    const node = this.#table[this.#slot(this.#hash(parent, units), parent, units)] ?? none;
    return node === none ? undefined : node;
  }

  /** The child of that name; one that is not there yet is made, and is `absent` until something is written to it. */
  childOrNew(parent: number, name: string | CodeUnits): number {
    const units = this.#unitsOf(name);
    // Layers mostly have what they share in the same order.
    const after = this.#last + 1;
    if (after < this.#count && this.#parents[after] === parent && this.#names.isName(after, units)) {
      this.#last = after;
      return after;
    }
    const hash = this.#hash(parent, units);
    const node = this.#table[this.#slot(hash, parent, units)] ?? none;
    this.#last = node === none ? this.#add(hash, parent, units) : node;
    return this.#last;
  }

  parent(node: number): number {
    return this.#parents[node] ?? 0;
  }

  kind(node: number): NodeKind {
    return nodeKinds[(this.#modes[node] ?? 0) >> 12] ?? "absent";
  }

  mode(node: number): number {
    return (this.#modes[node] ?? 0) & 0o7777;
  }

  size(node: number): number {
    const size = this.#sizes[node] ?? 0;
    return size === largeSize ? (this.#largeSizes.get(node) ?? size) : size;
  }

  entry(node: number): number {
    return this.#entries[node] ?? 0;
  }

  contentEntry(node: number): number {
    const extra = this.#extra[node] ?? ownContent;
    return extra === ownContent && this.kind(node) !== "symlink" ? this.entry(node) : extra;
  }

  linkTarget(node: number): string {
    return this.kind(node) === "symlink" ? this.#names.text(this.#extra[node] ?? 0) : "";
  }

  /** The entry before which everything below the node is hidden. */
  cleared(node: number): number {
    return this.#cleared[node] ?? 0;
  }

  /** Hides everything below the node that an entry before this one wrote. */
  clear(node: number, entry: number): void {
    this.#cleared[node] = Math.max(entry, this.#cleared[node] ?? 0);
  }

  /** Says what the node is from now on. */
  write(node: number, content: NodeContent): void {
    this.#modes[node] = (nodeKinds.indexOf(content.kind) << 12) | (content.mode & 0o7777);
    this.#entries[node] = content.entry;
    const size = Math.min(content.size, largeSize);
    const own = content.contentEntry === content.entry ? ownContent : content.contentEntry;
    const extra = content.kind === "symlink" ? this.#names.keep(this.#given.set(content.linkTarget)) : own;
    // A page of zeros that nothing is written to takes no memory.
    if (this.#sizes[node] !== size) this.#sizes[node] = size;
    if (this.#extra[node] !== extra) this.#extra[node] = extra;
    if (content.size >= largeSize) this.#largeSizes.set(node, content.size);
  }

  /** Hides the node itself. */
  remove(node: number): void {
    this.#modes[node] = 0;
  }

  /** Whether the node is there and no entry after it hid one of its parents. */
  isVisible(node: number): boolean {
    if (this.kind(node) === "absent") return false;
    const entry = this.entry(node);
    for (let at = node; at !== 0;) {
      at = this.parent(at);
      if (entry < this.cleared(at)) return false;
    }
    return true;
  }

  /** The last part of its path. */
  name(node: number): string {
    return this.#names.name(node);
  }

  /** The path of a node, whether it is visible or not. */
  path(node: number): string {
    const names: string[] = [];
    for (let at = node; at !== 0; at = this.parent(at)) names.push(this.name(at));
    return names.toReversed().join("/");
  }

  #unitsOf(name: string | CodeUnits): CodeUnits {
    return typeof name === "string" ? this.#given.set(name) : name;
  }

  #hash(parent: number, { codes, from, to }: CodeUnits): number {
    let hash = Math.imul(parent ^ this.#offset, this.#multiplier);
    for (let at = from; at < to; at++) {
      hash = Math.imul(hash ^ (codes[at] ?? 0), this.#multiplier);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }

  /** Where in the table a child is, or would be. */
  #slot(hash: number, parent: number, name: CodeUnits): number {
    const mask = this.#table.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const node = this.#table[slot] ?? none;
      if (node === none || (this.#parents[node] === parent && node !== 0 && this.#names.isName(node, name)))
        return slot;
    }
  }

  #add(hash: number, parent: number, name: CodeUnits): number {
    if (this.#count >= maxNodes) {
      throw new ScError("IMAGE_LIMIT_EXCEEDED", `the image has more than ${maxNodes} paths`);
    }
    if (this.#count === this.#parents.length) this.#grow();
    const node = this.#count++;
    this.#parents[node] = parent;
    this.#names.add(name);
    if (this.#count > this.#table.length * maxLoad) this.#rebuildTable();
    else this.#insert(node, hash);
    return node;
  }

  #insert(node: number, hash: number): void {
    const mask = this.#table.length - 1;
    let slot = hash & mask;
    while (this.#table[slot] !== none) slot = (slot + 1) & mask;
    this.#table[slot] = node;
  }

  #rebuildTable(): void {
    this.#table = new Uint32Array(tableSize(this.#parents.length)).fill(none);
    for (let node = 0; node < this.#count; node++) {
      this.#insert(node, this.#hash(this.parent(node), this.#given.set(this.name(node))));
    }
  }

  #grow(): void {
    const room = Math.ceil(this.#parents.length * 1.5);
    this.#parents = grown(this.#parents, new Uint32Array(room));
    this.#names.grow(room);
    this.#entries = grown(this.#entries, new Uint32Array(room));
    this.#cleared = grown(this.#cleared, new Uint32Array(room));
    this.#sizes = grown(this.#sizes, new Uint32Array(room));
    this.#extra = grown(this.#extra, new Uint32Array(room));
    this.#modes = grown(this.#modes, new Uint16Array(room));
  }
}

function tableSize(nodes: number): number {
  let size = 2048;
  while (size * maxLoad < nodes) size *= 2;
  return size;
}

function grown<A extends Uint32Array | Uint16Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
