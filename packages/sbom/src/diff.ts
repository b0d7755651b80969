import { type Inventory, type Package, parsePurl } from "@sc/model";
import { byCodeUnits, byTexts } from "./order.ts";

/** A package as a difference names it. */
export interface DiffPackage {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
}

/** A package that is in both, in other versions. */
export interface ChangedPackage {
  readonly type: string;
  readonly name: string;
  /** The versions that only the first has, sorted; several where a package is there several times. */
  readonly from: readonly string[];
  /** The versions that only the second has. */
  readonly to: readonly string[];
}

/** What is different between two inventories, each list sorted by type and name. */
export interface InventoryDiff {
  readonly added: readonly DiffPackage[];
  readonly removed: readonly DiffPackage[];
  readonly changed: readonly ChangedPackage[];
  /** Packages that are in both in the same version. */
  readonly unchanged: number;
}

/**
 * What is different between two inventories. Packages are the same that have the same purl apart from version,
 * qualifiers and subpath, so that an upgrade is one change and where a package lies makes none.
 */
export function diffInventories(before: Inventory, after: Inventory): InventoryDiff {
  const left = groupByIdentity(before.packages);
  const right = groupByIdentity(after.packages);
  const added: DiffPackage[] = [];
  const removed: DiffPackage[] = [];
  const changed: ChangedPackage[] = [];
  let unchanged = 0;
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const [old, now] = [left.get(key) ?? new Map<string, DiffPackage>(), right.get(key) ?? new Map()];
    const gone = [...old.values()].filter(({ version }) => !now.has(version));
    const fresh = [...now.values()].filter(({ version }) => !old.has(version));
    const [first] = gone;
    unchanged += old.size - gone.length;
    if (first !== undefined && fresh.length > 0) {
      const { type, name } = first;
      changed.push({ type, name, from: versionsOf(gone), to: versionsOf(fresh) });
    } else {
      added.push(...fresh);
      removed.push(...gone);
    }
  }
  return { added: sorted(added), removed: sorted(removed), changed: sorted(changed), unchanged };
}

function groupByIdentity(packages: readonly Package[]): Map<string, Map<string, DiffPackage>> {
  const groups = new Map<string, Map<string, DiffPackage>>();
  for (const { type, name, version, purl } of packages) {
    const parts = parsePurl(purl);
    const key = JSON.stringify([parts.type, parts.namespace ?? "", parts.name]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, new Map([[version, { type, name, version, purl }]]));
    else if (!group.has(version)) group.set(version, { type, name, version, purl });
  }
  return groups;
}

function versionsOf(packages: readonly DiffPackage[]): string[] {
  return packages.map(({ version }) => version).toSorted(byCodeUnits);
}

function sorted<Entry extends { readonly type: string; readonly name: string }>(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((left, right) => byTexts([left.type, left.name], [right.type, right.name]));
}
