import type { Decoder } from "@sc/model";

/** The name and value pairs of a component, by name; a name may have several values. */
export class Properties {
  static readonly none: Properties = new Properties(new Map());
  readonly #values: ReadonlyMap<string, readonly string[]>;

  private constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  /** Those of a component, or of the document's metadata. */
  static of(owner: Decoder): Properties {
    const list = owner.absent ? owner : owner.member("properties");
    if (list.absent) return Properties.none;
    const values = new Map<string, string[]>();
    for (const property of list.array()) {
      const name = property.member("name").value;
      const { value } = property.member("value");
      if (typeof name !== "string" || typeof value !== "string") continue;
      const known = values.get(name);
      if (known === undefined) values.set(name, [value]);
      else known.push(value);
    }
    return new Properties(values);
  }

  /** Where a component's evidence says it was found. */
  static occurrences(component: Decoder): string[] {
    const evidence = component.member("evidence");
    const list = evidence.absent ? evidence : evidence.member("occurrences");
    return list.absent ? [] : list.array().map((occurrence) => occurrence.member("location").string());
  }

  /** The first value of a name. */
  one(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  /** Every value of a name, in order. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** The first values of all names that begin with a prefix, by the rest of the name. */
  under(prefix: string): Readonly<Record<string, string>> {
    const found = new Map<string, string>();
    for (const [name, [value]] of this.#values) {
      if (name.startsWith(prefix) && value !== undefined) found.set(name.slice(prefix.length), value);
    }
    return Object.fromEntries(found);
  }
}
