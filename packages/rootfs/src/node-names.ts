import { Buffer } from "node:buffer";
import { ScError } from "@sc/model";
import { CodeUnits } from "./code-units.ts";

// Text lies in blocks, which are never copied; the longest text of a log fits several times.
const blockBits = 18;
const blockBytes = 2 ** blockBits;
const maxBytes = 2 ** 31;
// In a tree that is large a name is kept as what differs from that of the node before it, and every so many nodes whole:
// that is how far back it is looked for. It costs half a microsecond a node, which an image of the usual size is spared.
const largeTree = 100_000;
const namesInChain = 32;
// The most units that a name takes over from the one before it: the number of them is one byte.
const maxShared = 255;
const wideBit = 0x8000;

/**
 * The names of the nodes of a tree, by the numbers of the nodes, and other text of theirs.
 *
 * A name is a byte that says how many units it has from the name before it, and the rest as text. Text is its length in two
 * bytes, whose highest bit says two bytes a unit, and its units.
 */
export class NodeNames {
  readonly #blocks: Buffer[] = [];
  #length = 0;
  #places: Uint32Array;
  #count = 0;
  // The name that was added last, and how many one has to go back for the whole of it.
  readonly #last = new CodeUnits();
  #chain = 0;

  /** With room for so many names. */
  constructor(room: number) {
    this.#places = new Uint32Array(room);
  }

  /** Makes room for so many names. */
  grow(room: number): void {
    const places = new Uint32Array(room);
    places.set(this.#places);
    this.#places = places;
  }

  /** Adds the name of the next node. Throws `IMAGE_LIMIT_EXCEEDED`. */
  add(name: CodeUnits): void {
    const shared = this.#count < largeTree ? 0 : this.#sharedWithLast(name);
    const start = this.#write(name, shared, 1);
    this.#blockOf(start)[start % blockBytes] = shared;
    this.#places[this.#count++] = start;
  }

  /** The name of a node. */
  name(node: number): string {
    const start = this.#places[node] ?? 0;
    const shared = this.#blockOf(start)[start % blockBytes] ?? 0;
    const rest = this.text(start + 1);
    return shared === 0 ? rest : this.name(node - 1).slice(0, shared) + rest;
  }

  /** Whether that is the name of a node. */
  isName(node: number, name: CodeUnits): boolean {
    const { codes, from, to } = name;
    const start = this.#places[node] ?? 0;
    const block = this.#blockOf(start);
    const at = start % blockBytes;
    const shared = block[at] ?? 0;
    const header = headerAt(block, at + 1);
    if (shared + (header % wideBit) !== to - from) return false;
    if (shared > 0 || header >= wideBit) return this.#beginsWith(node, name);
    for (let left = from, right = at + 3; left < to; left++, right++) {
      if (codes[left] !== block[right]) return false;
    }
    return true;
  }

  /** Keeps a text, and says where. Throws `IMAGE_LIMIT_EXCEEDED`. */
  keep(text: CodeUnits): number {
    return this.#write(text, 0, 0);
  }

  /** The text that was kept at a place. */
  text(place: number): string {
    const block = this.#blockOf(place);
    const at = place % blockBytes;
    const header = headerAt(block, at);
    const wide = header >= wideBit;
    const end = at + 2 + (header % wideBit) * (wide ? 2 : 1);
    return block.toString(wide ? "utf16le" : "latin1", at + 2, end);
  }

  #blockOf(place: number): Buffer {
    return this.#blocks[place >>> blockBits] ?? nothing;
  }

  #sharedWithLast(name: CodeUnits): number {
    // Most directories are written in the order of their names, which then begin alike.
    const shared = this.#chain < namesInChain ? name.sharedWith(this.#last, maxShared) : 0;
    this.#chain = shared === 0 ? 0 : this.#chain + 1;
    this.#last.copy(name);
    return shared;
  }

  /** Writes the text of a name but for its first units, behind bytes that are left free; gives the place of those. */
  #write(name: CodeUnits, skipped: number, free: number): number {
    const { codes, to } = name;
    const from = name.from + skipped;
    const wide = name.isWide(skipped);
    const start = this.#room(free + 2 + (to - from) * (wide ? 2 : 1));
    const block = this.#blockOf(start);
    const header = (to - from) | (wide ? wideBit : 0);
    let place = (start % blockBytes) + free;
    block[place++] = header;
    block[place++] = header >>> 8;
    for (let at = from; at < to; at++) {
      const code = codes[at] ?? 0;
      block[place++] = code;
      if (wide) block[place++] = code >>> 8;
    }
    return start;
  }

  /** The place of so many bytes more, all in one block. */
  #room(bytes: number): number {
    if (this.#length + bytes > this.#blocks.length * blockBytes) {
      if (this.#length + blockBytes > maxBytes) {
        throw new ScError("IMAGE_LIMIT_EXCEEDED", `the paths of the image take more than ${maxBytes} bytes`);
      }
      this.#length = this.#blocks.length * blockBytes;
      this.#blocks.push(Buffer.allocUnsafeSlow(blockBytes));
    }
    const start = this.#length;
    this.#length += bytes;
    return start;
  }

  /** Whether a node's name begins with another. What a name took over is that of the node before. */
  #beginsWith(node: number, name: CodeUnits): boolean {
    let at = node;
    for (let open = name.to - name.from; open > 0; at--) {
      const start = this.#places[at] ?? 0;
      const shared = this.#blockOf(start)[start % blockBytes] ?? 0;
      if (shared >= open) continue;
      if (!this.#isTextAt(start + 1, name, { from: shared, to: open })) return false;
      open = shared;
    }
    return true;
  }

  /** Whether text begins with that part of a name. */
  #isTextAt(place: number, name: CodeUnits, { from, to }: { readonly from: number; readonly to: number }): boolean {
    const block = this.#blockOf(place);
    const start = place % blockBytes;
    const step = headerAt(block, start) >= wideBit ? 2 : 1;
    for (let at = name.from + from, byte = start + 2; at < name.from + to; at++, byte += step) {
      const code = step === 1 ? block[byte] : headerAt(block, byte);
      if (code !== name.codes[at]) return false;
    }
    return true;
  }
}

const nothing = Buffer.alloc(0);

function headerAt(block: Buffer, at: number): number {
  return (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
}
