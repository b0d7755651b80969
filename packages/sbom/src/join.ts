import type { Package, Relationship } from "@sc/model";
import type { IdentifiedPackage } from "./identify.ts";

/** Packages of which the same copies are one. */
export interface JoinedCopies {
  /** What is left, in the order given: the first of each with the places of all. */
  readonly packages: readonly IdentifiedPackage[];
  /** The ids of copies that are told with another. */
  readonly joined: ReadonlySet<string>;
}

/**
 * A program that several files show, as an interpreter and its library do, is one package with several places: where
 * type, name, version and purl are the same, and the same packages of the operating system own the files, or none. Only
 * of catalogers that say so: two installations of a package of a language are two, with dependencies of their own.
 */
export function joinCopies(
  packages: readonly IdentifiedPackage[],
  owners: readonly Relationship[],
  joining: ReadonlySet<string>,
): JoinedCopies {
  const owned = new Map<string, string[]>();
  for (const { from, to } of owners) owned.set(from, [...(owned.get(from) ?? []), to]);
  const copies = new Map<string, IdentifiedPackage[]>();
  for (const one of packages) {
    if (!joining.has(one.entry.cataloger)) continue;
    const { cataloger, type, name, version, purl, id } = one.entry;
    const key = JSON.stringify([cataloger, type, name, version, purl, (owned.get(id) ?? []).toSorted()]);
    const known = copies.get(key);
    if (known === undefined) copies.set(key, [one]);
    else known.push(one);
  }
  const entries = new Map<string, Package>();
  const joined = new Set<string>();
  for (const [first, ...others] of copies.values()) {
    if (first === undefined || others.length === 0) continue;
    const locations = [first, ...others].flatMap(({ entry }) => entry.locations);
    entries.set(first.entry.id, { ...first.entry, locations });
    for (const { entry } of others) joined.add(entry.id);
  }
  const left = packages.filter(({ entry }) => !joined.has(entry.id));
  return {
    packages: left.map((one) => {
      const entry = entries.get(one.entry.id);
      return entry === undefined ? one : { found: one.found, past: one.past, entry };
    }),
    joined,
  };
}
