import type { Relationship } from "@sc/model";
import type { IdentifiedPackage } from "./identify.ts";

/** Packages that may answer to one name: more is no ecosystem but an attack on whoever reads the result. */
const maxAnswers = 100;
/** Dependency edges of one image: the largest seen has 60,000. */
const maxEdges = 2_000_000;

/** The edges that were found, and whether there were more than are kept. */
export interface Edges {
  readonly relationships: readonly Relationship[];
  readonly truncated: boolean;
}

/** The edges from packages to those they depend on, by name or by place, each once. */
export function relateDependencies(packages: readonly IdentifiedPackage[]): Edges {
  const names = new NameIndex(packages);
  const relationships: Relationship[] = [];
  for (const from of packages) {
    const targets = new Set<string>();
    for (const path of from.found.dependsOnPaths ?? [])
      targets.add(names.atPath(path, from)?.entry.id ?? from.entry.id);
    for (const path of from.found.lists ?? []) for (const to of names.listedIn(path)) targets.add(to.entry.id);
    for (const name of from.found.dependsOn ?? [])
      for (const to of names.answering(name, from)) targets.add(to.entry.id);
    targets.delete(from.entry.id);
    for (const to of targets) {
      if (relationships.length >= maxEdges) return { relationships, truncated: true };
      relationships.push({ from: from.entry.id, to, type: "depends-on" });
    }
  }
  return { relationships, truncated: names.truncated };
}

/** Finds packages of one cataloger by the names they answer to and by their evidence. */
class NameIndex {
  /** Set when a name was asked for that more packages answer to than are kept. */
  truncated = false;
  readonly #full = new Set<string>();
  readonly #named = new Map<string, IdentifiedPackage[]>();
  readonly #provided = new Map<string, IdentifiedPackage[]>();
  readonly #placed = new Map<string, IdentifiedPackage>();
  readonly #listed = new Map<string, IdentifiedPackage[]>();

  constructor(packages: readonly IdentifiedPackage[]) {
    for (const path of packages.flatMap(({ found }) => found.lists ?? [])) this.#listed.set(path, []);
    for (const one of packages) {
      const { cataloger, name } = one.entry;
      this.#add(this.#named, `${cataloger}\n${name}`, one);
      for (const provision of one.found.provides ?? []) this.#add(this.#provided, `${cataloger}\n${provision}`, one);
      const path = one.found.paths[0];
      if (path !== undefined) {
        this.#placed.set(`${cataloger}\n${path}`, one);
        this.#listed.get(path)?.push(one);
      }
    }
  }

  atPath(path: string, from: IdentifiedPackage): IdentifiedPackage | undefined {
    return this.#placed.get(`${from.entry.cataloger}\n${path}`);
  }

  /** Packages that the file shows. */
  listedIn(path: string): readonly IdentifiedPackage[] {
    return this.#listed.get(path) ?? [];
  }

  /** Packages of that name, else those that provide it; of several architectures those of the asking package. */
  answering(name: string, from: IdentifiedPackage): readonly IdentifiedPackage[] {
    const key = `${from.entry.cataloger}\n${name}`;
    this.truncated ||= this.#full.has(key);
    const answers = this.#named.get(key) ?? this.#provided.get(key) ?? [];
    const { architecture } = from.entry;
    const same = answers.filter((answer) => answer.entry.architecture === architecture);
    return same.length > 0 ? same : answers;
  }

  #add(index: Map<string, IdentifiedPackage[]>, key: string, one: IdentifiedPackage): void {
    const known = index.get(key);
    if (known === undefined) index.set(key, [one]);
    else if (known.length < maxAnswers) known.push(one);
    else this.#full.add(key);
  }
}
