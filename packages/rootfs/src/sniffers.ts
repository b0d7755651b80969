import type { FileEntry } from "./entry.ts";
import type { FileReader } from "./file-reader.ts";

type Sniff = NonNullable<FileReader<unknown>["sniff"]>;

/** Those who tell files by content. Several may do so by the same function, which is asked once. */
export class Sniffers {
  readonly #order: ReadonlyMap<FileReader<unknown>, number>;
  readonly #groups: readonly { readonly sniff: Sniff; readonly readers: readonly FileReader<unknown>[] }[];

  constructor(readers: readonly FileReader<unknown>[]) {
    this.#order = new Map(readers.map((reader, index) => [reader, index]));
    const groups = new Map<Sniff, FileReader<unknown>[]>();
    for (const reader of readers) {
      const { sniff } = reader;
      if (sniff !== undefined) groups.set(sniff, [...(groups.get(sniff) ?? []), reader]);
    }
    this.#groups = [...groups].map(([sniff, asking]) => ({ sniff, readers: asking }));
  }

  /** Whether anybody does. */
  get any(): boolean {
    return this.#groups.length > 0;
  }

  /** Adds to those who want a file those who tell by its first bytes that they want it too, in the readers' order. */
  add(wanting: FileReader<unknown>[], first: Uint8Array, file: FileEntry): void {
    let more: readonly FileReader<unknown>[] | undefined;
    for (const { sniff, readers } of this.#groups) {
      const asking = wanting.length === 0 ? readers : readers.filter((reader) => !wanting.includes(reader));
      if (asking.length > 0 && sniff(first, file)) more = more === undefined ? asking : [...more, ...asking];
    }
    if (more === undefined) return;
    wanting.push(...more.toSorted((a, b) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0)));
  }
}
