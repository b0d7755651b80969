import type { Package, Relationship } from "@sc/model";
import type { Cataloger } from "./cataloger.ts";
import type { IdentifiedPackage } from "./identify.ts";

/**
 * The packages of catalogers that yield which another cataloger has found as well: in a file of one of the
 * distribution's own packages, in the folder of a package of the same version, or by the same type, name and version.
 * Of two that yield a database comes first.
 */
export function yieldedIds(
  packages: readonly IdentifiedPackage[],
  owners: readonly Relationship[],
  catalogers: readonly Cataloger<unknown>[],
): string[] {
  const ranks = new Map(catalogers.map((one) => [one.id, rankOf(one)]));
  const vendors = new Set(packages.filter(({ entry }) => entry.origin === "third-party").map(({ entry }) => entry.id));
  // No advisory of the distribution speaks of another vendor's package: what it brought stays in the list.
  const owned = new Set(owners.filter(({ to }) => !vendors.has(to)).map(({ from }) => from));
  const folders = new Map<string, Set<string>>();
  const known = new Map<string, number>();
  for (const { entry, found } of packages) {
    const rank = ranks.get(entry.cataloger) ?? 0;
    known.set(keyOf(entry), Math.min(rank, known.get(keyOf(entry)) ?? rank));
    if (found.folder === undefined) continue;
    const versions = folders.get(found.folder) ?? new Set<string>();
    for (const version of [entry.version, ...(found.folderVersions ?? [])]) versions.add(revisionless(version));
    folders.set(found.folder, versions);
  }
  const yields = (one: IdentifiedPackage): boolean => {
    const rank = ranks.get(one.entry.cataloger) ?? 0;
    if ((known.get(keyOf(one.entry)) ?? rank) < rank) return true;
    return rank === 2 && (owned.has(one.entry.id) || isOfFolder(one, folders));
  };
  return packages.filter(yields).map(({ entry }) => entry.id);
}

/** Whom a cataloger yields to: those of a lower number. */
function rankOf({ yieldsToOwner, database }: Cataloger<unknown>): number {
  if (yieldsToOwner !== true) return 0;
  return database === true ? 1 : 2;
}

/** The epoch is left out: what binaries and documents say has none. */
function keyOf({ type, name, version }: Package): string {
  return `${type}\n${name.toLowerCase()}\n${version.replace(/^\d+:/, "")}`;
}

/**
 * Whether a program lies in the folder of a package of its version. Only programs have no ecosystem: what a document in
 * that folder lists is not told by the folder, though one of its packages may have the version of another.
 */
function isOfFolder({ entry, found }: IdentifiedPackage, folders: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const path = entry.locations[0]?.path ?? "";
  if (found.folder !== undefined || entry.type !== "generic") return false;
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    const versions = folders.get(path.slice(0, slash + 1));
    if (versions !== undefined) return isAmong(entry.version, versions);
  }
  return false;
}

/** What stands behind a plus sign is the build of the same version: `17.0.9+9` of `17.0.9`. */
function isAmong(version: string, versions: ReadonlySet<string>): boolean {
  return versions.has(revisionless(version)) || versions.has(version.split("+", 1)[0] ?? version);
}

/** `7.0.5` of `7.0.5-3`, as packagers count their builds. */
function revisionless(version: string): string {
  return version.replace(/-\d+$/, "");
}
