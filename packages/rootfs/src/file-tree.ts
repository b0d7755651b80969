import type { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { ScError } from "@sc/model";
import { GrowingBytes } from "./growing-bytes.ts";
import { isWide } from "./entry-log.ts";

/** What a node of the tree is. `absent` is a name that is taken but hidden, or was never there itself. */
export type NodeKind = "absent" | "file" | "directory" | "symlink" | "other";

const nodeKinds: readonly NodeKind[] = ["absent", "file", "directory", "symlink", "other"];
// Every entry of the largest image and as many directories that no entry describes.
const maxNodes = 20_000_000;
const none = 0xffff_ffff;
// How full the table of names may be: at four fifths a name is found within three looks, and four bytes a node are saved.
const maxLoad = 0.8;
// In a tree that is large a name is kept as what differs from that of the node before it, and every so many nodes whole:
// that is how far back it is looked for. It costs half a microsecond a node, which an image of the usual size is spared.
const largeTree = 100_000;
const namesInChain = 32;
// The most characters that a name takes over from the one before it: the number of them is one byte.
const maxShared = 255;
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
  #names: Uint32Array;
  #entries: Uint32Array;
  #cleared: Uint32Array;
  #sizes: Uint32Array;
  #extra: Uint32Array;
  #modes: Uint16Array;
  #table: Uint32Array;
  readonly #textRoom = new GrowingBytes();
  #text: Buffer = this.#textRoom.bytes;
  #textLength = 0;
  // The name of the node that was made last, and how many nodes one has to go back for the whole of it.
  #lastName = "";
  #chain = 0;
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
    this.#names = new Uint32Array(room);
    this.#entries = new Uint32Array(room);
    this.#cleared = new Uint32Array(room);
    this.#sizes = new Uint32Array(room);
    this.#extra = new Uint32Array(room);
    this.#modes = new Uint16Array(room);
    this.#table = new Uint32Array(tableSize(room)).fill(none);
    this.addChild(0, "");
    this.write(0, { kind: "directory", mode: 0o755, size: 0, entry: 0, contentEntry: 0, linkTarget: "" });
  }

  /** Nodes made so far: they are numbered from 0. */
  get count(): number {
    return this.#count;
  }

  /** The child of that name, visible or not. */
  child(parent: number, name: string): number | undefined {
    const mask = this.#table.length - 1;
    for (let slot = this.#hash(parent, name) & mask; ; slot = (slot + 1) & mask) {
      const node = this.#table[slot] ?? none;
      if (node === none) return undefined;
      if (this.#parents[node] === parent && node !== 0 && this.#isNamed(node, name)) return node;
    }
  }

  /** Makes a child that is not there yet; it is `absent` until something is written to it. */
  addChild(parent: number, name: string): number {
    if (this.#count >= maxNodes) {
      throw new ScError("IMAGE_LIMIT_EXCEEDED", `the image has more than ${maxNodes} paths`);
    }
    if (this.#count === this.#parents.length) this.#grow();
    const node = this.#count++;
    this.#parents[node] = parent;
    this.#names[node] = this.#storeName(name);
    this.#insert(node, name);
    return node;
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
    return this.kind(node) === "symlink" ? this.#textAt(this.#extra[node] ?? 0) : "";
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
    const extra = content.kind === "symlink" ? this.#store(content.linkTarget) : own;
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
    const start = this.#names[node] ?? 0;
    const shared = this.#text[start] ?? 0;
    const rest = this.#textAt(start + 1);
    return shared === 0 ? rest : this.name(node - 1).slice(0, shared) + rest;
  }

  /** The path of a node, whether it is visible or not. */
  path(node: number): string {
    const names: string[] = [];
    for (let at = node; at !== 0; at = this.parent(at)) names.push(this.name(at));
    return names.toReversed().join("/");
  }

  #hash(parent: number, name: string): number {
    let hash = Math.imul(parent ^ this.#offset, this.#multiplier);
    for (let at = 0; at < name.length; at++) {
      hash = Math.imul(hash ^ name.charCodeAt(at), this.#multiplier);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }

  #insert(node: number, name: string): void {
    if (this.#count > this.#table.length * maxLoad) return this.#rebuildTable();
    const mask = this.#table.length - 1;
    let slot = this.#hash(this.parent(node), name) & mask;
    while (this.#table[slot] !== none) slot = (slot + 1) & mask;
    this.#table[slot] = node;
  }

  #rebuildTable(): void {
    this.#table = new Uint32Array(tableSize(this.#parents.length)).fill(none);
    const mask = this.#table.length - 1;
    for (let node = 0; node < this.#count; node++) {
      let slot = this.#hash(this.parent(node), this.name(node)) & mask;
      while (this.#table[slot] !== none) slot = (slot + 1) & mask;
      this.#table[slot] = node;
    }
  }

  #grow(): void {
    const room = Math.ceil(this.#parents.length * 1.5);
    this.#parents = grown(this.#parents, new Uint32Array(room));
    this.#names = grown(this.#names, new Uint32Array(room));
    this.#entries = grown(this.#entries, new Uint32Array(room));
    this.#cleared = grown(this.#cleared, new Uint32Array(room));
    this.#sizes = grown(this.#sizes, new Uint32Array(room));
    this.#extra = grown(this.#extra, new Uint32Array(room));
    this.#modes = grown(this.#modes, new Uint16Array(room));
  }

  // Most directories are written in the order of their names, which then begin alike.
  #storeName(name: string): number {
    const shared = this.#count < largeTree ? 0 : this.#sharedName(name);
    const start = this.#textLength;
    this.#text = this.#textRoom.reserve(start + 1);
    this.#text[start] = shared;
    this.#textLength = start + 1;
    this.#store(shared === 0 ? name : name.slice(shared));
    return start;
  }

  #sharedName(name: string): number {
    const shared = this.#chain < namesInChain ? sharedPrefix(this.#lastName, name) : 0;
    this.#chain = shared === 0 ? 0 : this.#chain + 1;
    this.#lastName = name;
    return shared;
  }

  // Text lies in one buffer: two bytes of length, whose highest bit says two bytes a character, then the characters.

  #store(text: string): number {
    const wide = isWide(text);
    const bytes = 2 + text.length * (wide ? 2 : 1);
    this.#text = this.#textRoom.reserve(this.#textLength + bytes);
    const start = this.#textLength;
    this.#text.writeUInt16LE(text.length | (wide ? 0x8000 : 0), start);
    this.#text.write(text, start + 2, wide ? "utf16le" : "latin1");
    this.#textLength += bytes;
    return start;
  }

  #textAt(start: number): string {
    const header = this.#text.readUInt16LE(start);
    const wide = header >= 0x8000;
    const bytes = (header & 0x7fff) * (wide ? 2 : 1);
    return this.#text.toString(wide ? "utf16le" : "latin1", start + 2, start + 2 + bytes);
  }

  #isNamed(node: number, name: string): boolean {
    const start = this.#names[node] ?? 0;
    const shared = this.#text[start] ?? 0;
    const header = this.#text.readUInt16LE(start + 1);
    if (shared + (header & 0x7fff) !== name.length) return false;
    if (shared > 0 || header >= 0x8000) return this.#beginsWith(node, name, name.length);
    for (let at = 0; at < name.length; at++) {
      if (this.#text[start + 3 + at] !== name.charCodeAt(at)) return false;
    }
    return true;
  }

  /** Whether a node's name has the first so many characters of a text. What a name took over is that of the node before. */
  #beginsWith(node: number, text: string, length: number): boolean {
    let at = node;
    for (let open = length; open > 0; at--) {
      const start = this.#names[at] ?? 0;
      const shared = this.#text[start] ?? 0;
      if (shared >= open) continue;
      if (!this.#isTextAt(start + 1, text, { from: shared, to: open })) return false;
      open = shared;
    }
    return true;
  }

  /** Whether stored text begins with that part of a text. */
  #isTextAt(start: number, text: string, { from, to }: { readonly from: number; readonly to: number }): boolean {
    const step = this.#text.readUInt16LE(start) >= 0x8000 ? 2 : 1;
    for (let at = from, place = start + 2; at < to; at++, place += step) {
      const code = step === 1 ? this.#text[place] : this.#text.readUInt16LE(place);
      if (code !== text.charCodeAt(at)) return false;
    }
    return true;
  }
}

function sharedPrefix(left: string, right: string): number {
  const limit = Math.min(left.length, right.length, maxShared);
  let at = 0;
  while (at < limit && left.charCodeAt(at) === right.charCodeAt(at)) at++;
  return at;
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
