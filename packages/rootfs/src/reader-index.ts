import type { FileNames, FileReader } from "./file-reader.ts";

type Readers = readonly FileReader<unknown>[];

const nobody: Readers = [];

/**
 * Finds the few readers that have to be asked about a file among the many that there are, by what each says of the
 * names of its files: an image has hundreds of thousands of files, and nearly all are of no concern to anybody.
 */
export class ReaderIndex {
  /** Names of directories that some reader wants files anywhere below of. */
  readonly above: ReadonlySet<string>;
  readonly #order: ReadonlyMap<FileReader<unknown>, number>;
  /** Those that say nothing of names: asked of every file. */
  readonly #always: Readers;
  readonly #names: NameTable;
  readonly #stems: NameTable;
  readonly #extensions: NameTable;
  readonly #folders: NameTable;
  readonly #below: NameTable;
  /** Lists that were joined: there are few of them, and they are joined for many files. */
  readonly #joined = new Map<Readers, Map<Readers, Readers>>();
  /** The directory of the file asked about before, and those that may want any file in it: the next mostly lies there too. */
  #lastFolder = "";
  #inLastFolder: Readers;

  constructor(readers: Readers) {
    this.#order = new Map(readers.map((reader, index) => [reader, index]));
    this.#always = readers.filter(({ among }) => among === undefined);
    this.#names = new NameTable(byNames(readers, "names"));
    this.#stems = new NameTable(byNames(readers, "stems"));
    this.#extensions = new NameTable(byNames(readers, "extensions"), { inAnyCase: true });
    this.#folders = new NameTable(byNames(readers, "folders"));
    const below = byNames(readers, "above");
    this.#below = new NameTable(below);
    this.above = new Set(below.keys());
    this.#inLastFolder = this.#inFolder("");
  }

  /** Those that may want the file at a path, or a file that it belongs to; in their order. */
  asked(path: string): Readers {
    const parts = partsOf(path);
    const folderEnd = Math.max(parts.from - 1, 0);
    if (folderEnd !== this.#lastFolder.length || !path.startsWith(this.#lastFolder)) {
      this.#lastFolder = path.slice(0, folderEnd);
      const folder = this.#lastFolder.slice(this.#lastFolder.lastIndexOf("/") + 1);
      this.#inLastFolder = this.join(this.#inFolder(folder), this.through(path));
    }
    return this.#byName(path, parts, this.#inLastFolder);
  }

  /** Those that may want the file at a path for a directory anywhere above it. */
  through(path: string): Readers {
    let asked = nobody;
    for (let from = 0, to = path.indexOf("/"); to !== -1; from = to + 1, to = path.indexOf("/", from)) {
      const readers = this.#below.find(path, from, to);
      if (readers !== undefined) asked = this.join(asked, readers);
    }
    return asked;
  }

  /** Whether the name of a directory is that of one that some reader wants files straight in. */
  isFolder(name: string): boolean {
    return this.#folders.find(name) !== undefined;
  }

  /** Those that may want a file of that name in a directory of that name, whatever lies above. */
  named(name: string, folder: string): Readers {
    return this.#byName(name, partsOf(name), this.#inFolder(folder));
  }

  /** Those that may want any file that lies straight in a directory of that name. */
  #inFolder(folder: string): Readers {
    return this.join(this.#always, this.#folders.find(folder));
  }

  /** With others those that may want a file for its name. */
  #byName(path: string, { from, stemEnd, extension }: NameParts, others: Readers): Readers {
    const { length } = path;
    const named = this.#names.find(path, from, length);
    const stemmed = this.#stems.find(path, from, stemEnd);
    const ending = this.#extensions.find(path, extension, length);
    if (named === undefined && stemmed === undefined && ending === undefined) return others;
    return this.join(this.join(this.join(others, named), stemmed), ending);
  }

  /** Those that may want files below a directory of that name. */
  below(folder: string): Readers {
    return this.#below.find(folder) ?? nobody;
  }

  /** Both lists as one, in the readers' order; the same list for the same two. */
  join(left: Readers, right: Readers | undefined): Readers {
    if (right === undefined || right.length === 0 || left === right) return left;
    if (left.length === 0) return right;
    const joined = this.#joined.get(left) ?? new Map<Readers, Readers>();
    this.#joined.set(left, joined);
    const known = joined.get(right) ?? this.#union(left, right);
    joined.set(right, known);
    return known;
  }

  #union(left: Readers, right: Readers): Readers {
    const all = new Set([...left, ...right]);
    return all.size === left.length
      ? left
      : [...all].toSorted((a, b) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0));
  }
}

function byNames(readers: Readers, kind: keyof FileNames): ReadonlyMap<string, Readers> {
  const named = new Map<string, FileReader<unknown>[]>();
  for (const reader of readers) {
    for (const name of new Set(reader.among?.[kind])) {
      const known = named.get(name);
      if (known === undefined) named.set(name, [reader]);
      else known.push(reader);
    }
  }
  return named;
}

/**
 * Readers by a part of a name. Of most names it is clear from their first letter and their length that they are not in
 * it: no string is made of them, and none hashed.
 */
class NameTable {
  readonly #readers: ReadonlyMap<string, Readers>;
  /** By first letter of ASCII: a bit for each length there is, the highest for all that are longer. */
  readonly #lengths = new Uint32Array(128);
  readonly #inAnyCase: boolean;

  /** With `inAnyCase` the names are in lower case, and what is looked for in any. */
  constructor(readers: ReadonlyMap<string, Readers>, { inAnyCase = false } = {}) {
    this.#readers = readers;
    this.#inAnyCase = inAnyCase;
    for (const name of readers.keys()) {
      const first = this.#firstOf(name, 0);
      if (first < this.#lengths.length) this.#lengths[first] = (this.#lengths[first] ?? 0) | lengthBit(name.length);
    }
  }

  /** The readers of what stands in a text from one place up to another. */
  find(text: string, from: number = 0, to: number = text.length): Readers | undefined {
    if (from < to) {
      const lengths = this.#lengths[this.#firstOf(text, from)];
      if (lengths !== undefined && (lengths & lengthBit(to - from)) === 0) return undefined;
    }
    const name = text.slice(from, to);
    return this.#readers.get(this.#inAnyCase ? name.toLowerCase() : name);
  }

  #firstOf(text: string, at: number): number {
    const code = text.charCodeAt(at);
    return this.#inAnyCase && code >= upperA && code <= upperZ ? code | 0x20 : code;
  }
}

function lengthBit(length: number): number {
  return 1 << Math.min(length, 31);
}

// The hyphen, the dot, the slash and the digits follow each other in ASCII.
const [hyphen, dot, slash, nine, upperA, upperZ] = [0x2d, 0x2e, 0x2f, 0x39, 0x41, 0x5a];

/** What a file's name begins with, up to its first dot, hyphen or digit. */
export function stemOf(name: string): string {
  const { from, stemEnd } = partsOf(name);
  return name.slice(from, stemEnd);
}

/** Where the parts of a file's name stand in its path. */
interface NameParts {
  /** Where the name begins. */
  readonly from: number;
  readonly stemEnd: number;
  /** Where its extension begins; at its end where it has none. */
  readonly extension: number;
}

/** All in one look at the name from its end. */
function partsOf(path: string): NameParts {
  let [stemEnd, extension] = [path.length, -1];
  for (let at = path.length - 1; at >= 0; at -= 1) {
    const code = path.charCodeAt(at);
    if (code === slash) return { from: at + 1, stemEnd, extension: extension === -1 ? path.length : extension };
    if (code > nine || code < hyphen) continue;
    stemEnd = at;
    if (code === dot && extension === -1) extension = at + 1;
  }
  return { from: 0, stemEnd, extension: extension === -1 ? path.length : extension };
}
