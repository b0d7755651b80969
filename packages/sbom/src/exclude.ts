import type { Inventory, Relationship } from "@sc/model";
import { matchesGlob } from "./glob.ts";
import { byTexts } from "./order.ts";

/** Edges that are drawn past excluded packages: more would come of a document made to exhaust memory. */
const maxEdges = 5_000_000;

/**
 * The inventory without the packages whose purl is one of the patterns, in which `*` stands for any characters.
 *
 * What depended on an excluded package depends on what that needed instead. Problems met at the places of excluded
 * packages go with them, and the inventory says how many packages are missing, never which.
 */
export function excludePackages(inventory: Inventory, patterns: readonly string[]): Inventory {
  const excluded = new Set<string>();
  const places = new Set<string>();
  for (const { id, purl, locations } of inventory.packages) {
    if (!patterns.some((pattern) => matchesGlob(pattern, purl))) continue;
    excluded.add(id);
    for (const { path } of locations) places.add(path);
  }
  if (excluded.size === 0) return inventory;
  const message = `${excluded.size} packages are left out on request`;
  return {
    ...inventory,
    packages: inventory.packages.filter(({ id }) => !excluded.has(id)),
    relationships: relink(inventory.relationships, excluded),
    problems: [
      ...inventory.problems.filter(({ path }) => path === undefined || !places.has(path)),
      { kind: "problem", code: "PACKAGES_EXCLUDED", message, incomplete: true },
    ],
    incomplete: true,
  };
}

function relink(relationships: readonly Relationship[], excluded: ReadonlySet<string>): Relationship[] {
  const kept: Relationship[] = [];
  const needs = new Map<string, string[]>();
  const bridged: Relationship[] = [];
  for (const relationship of relationships) {
    const { from, to, type } = relationship;
    const ends = Number(excluded.has(from)) + Number(excluded.has(to));
    if (ends === 0) kept.push(relationship);
    else if (type === "depends-on" && excluded.has(from)) needs.set(from, [...(needs.get(from) ?? []), to]);
    else if (type === "depends-on") bridged.push(relationship);
  }
  const known = new Set(kept.map(keyOf));
  for (const { from, to } of bridged) {
    for (const target of reachedThrough(to, needs, excluded)) {
      const edge: Relationship = { from, to: target, type: "depends-on" };
      if (target === from || known.has(keyOf(edge)) || known.size >= maxEdges) continue;
      known.add(keyOf(edge));
      kept.push(edge);
    }
  }
  return kept.toSorted((left, right) => byTexts([left.from, left.type, left.to], [right.from, right.type, right.to]));
}

function keyOf({ from, type, to }: Relationship): string {
  return JSON.stringify([from, type, to]);
}

/** The packages that stay which an excluded one needs, through other excluded ones if need be. */
function* reachedThrough(
  start: string,
  needs: ReadonlyMap<string, readonly string[]>,
  excluded: ReadonlySet<string>,
): Generator<string> {
  const seen = new Set([start]);
  const stack = [start];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    for (const target of needs.get(next) ?? []) {
      if (seen.has(target)) continue;
      seen.add(target);
      if (excluded.has(target)) stack.push(target);
      else yield target;
    }
  }
}
