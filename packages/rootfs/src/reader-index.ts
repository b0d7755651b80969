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
  readonly #names: ReadonlyMap<string, Readers>;
  readonly #stems: ReadonlyMap<string, Readers>;
  readonly #extensions: ReadonlyMap<string, Readers>;
  readonly #folders: ReadonlyMap<string, Readers>;
  readonly #below: ReadonlyMap<string, Readers>;
  /** Those of `#below`, by what a path holds that leads through such a directory. */
  readonly #through: readonly { readonly begin: string; readonly within: string; readonly readers: Readers }[];

  constructor(readers: Readers) {
    this.#order = new Map(readers.map((reader, index) => [reader, index]));
    this.#always = readers.filter(({ among }) => among === undefined);
    this.#names = byNames(readers, "names");
    this.#stems = byNames(readers, "stems");
    this.#extensions = byNames(readers, "extensions");
    this.#folders = byNames(readers, "folders");
    this.#below = byNames(readers, "above");
    this.above = new Set(this.#below.keys());
    this.#through = [...this.#below].map(([name, asked]) => ({
      begin: `${name}/`,
      within: `/${name}/`,
      readers: asked,
    }));
  }

  /** Those that may want the file at a path, or a file that it belongs to; in their order. */
  asked(path: string): Readers {
    const slash = path.lastIndexOf("/");
    const before = slash <= 0 ? -1 : path.lastIndexOf("/", slash - 1);
    const folder = slash === -1 ? "" : path.slice(before + 1, slash);
    return this.join(this.named(path.slice(slash + 1), folder), this.through(path));
  }

  /** Those that may want the file at a path for a directory anywhere above it. */
  through(path: string): Readers {
    let asked = nobody;
    for (const { begin, within, readers } of this.#through) {
      if (path.includes(within) || path.startsWith(begin)) asked = this.join(asked, readers);
    }
    return asked;
  }

  /** Whether the name of a directory is that of one that some reader wants files straight in. */
  isFolder(name: string): boolean {
    return this.#folders.has(name);
  }

  /** Those that may want a file of that name in a directory of that name, whatever lies above. */
  named(name: string, folder: string): Readers {
    let asked = this.#always;
    asked = this.join(asked, this.#names.get(name));
    asked = this.join(asked, this.#folders.get(folder));
    asked = this.join(asked, this.#stems.get(stemOf(name)));
    return this.join(asked, this.#extensions.get(extensionOf(name)));
  }

  /** Those that may want files below a directory of that name. */
  below(folder: string): Readers {
    return this.#below.get(folder) ?? nobody;
  }

  /** Both lists as one, in the readers' order. */
  join(left: Readers, right: Readers | undefined): Readers {
    if (right === undefined || right.length === 0 || left === right) return left;
    if (left.length === 0) return right;
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

const [dot, hyphen, zero, nine] = [0x2e, 0x2d, 0x30, 0x39];

/** What a file's name begins with, up to its first dot, hyphen or digit. */
export function stemOf(name: string): string {
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    if (code === dot || code === hyphen || (code >= zero && code <= nine)) return name.slice(0, at);
  }
  return name;
}

/** What a file's name ends with, from its last dot on, without it and in lower case; "" where it has no dot. */
function extensionOf(name: string): string {
  const at = name.lastIndexOf(".");
  return at === -1 ? "" : name.slice(at + 1).toLowerCase();
}
