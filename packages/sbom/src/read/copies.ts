/** Where copies of a name lie, and which of them something at a place means. */
export class Copies {
  readonly #places = new Map<string, string[]>();
  readonly #rootOf: (path: string) => string;

  /** `rootOf` tells the place a path belongs to: copies in the same place see each other. */
  constructor(rootOf: (path: string) => string) {
    this.#rootOf = rootOf;
  }

  add(name: string, path: string): void {
    const known = this.#places.get(name);
    if (known === undefined) this.#places.set(name, [path]);
    else known.push(path);
  }

  /** The copy in the same place, else the only copy there is: of several, none is known to be meant. */
  meant(name: string, from: string): string | undefined {
    const copies = this.#places.get(name) ?? [];
    const root = this.#rootOf(from);
    return copies.find((copy) => this.#rootOf(copy) === root) ?? (copies.length === 1 ? copies[0] : undefined);
  }

  /** The copies that are meant by several names, without the asking path itself. */
  allMeant(names: Iterable<string>, from: string): string[] {
    const paths = new Set<string>();
    for (const name of names) {
      const path = this.meant(name, from);
      if (path !== undefined && path !== from) paths.add(path);
    }
    return [...paths];
  }
}
