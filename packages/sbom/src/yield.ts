import type { Package, Relationship } from "@sc/model";
import type { IdentifiedPackage } from "./identify.ts";

/**
 * The packages of catalogers that yield which another cataloger has found as well: in a file of one of the
 * distribution's own packages, in the folder of a package of the same version, or by the same type, name and version.
 */
export function yieldedIds(
  packages: readonly IdentifiedPackage[],
  owners: readonly Relationship[],
  yieldingCatalogers: ReadonlySet<string>,
): string[] {
  const vendors = new Set(packages.filter(({ entry }) => entry.origin === "third-party").map(({ entry }) => entry.id));
  // No advisory of the distribution speaks of another vendor's package: what it brought stays in the list.
  const owned = new Set(owners.filter(({ to }) => !vendors.has(to)).map(({ from }) => from));
  const folders = new Map<string, Set<string>>();
  const known = new Set<string>();
  for (const one of packages) {
    const { folder } = one.found;
    if (folder !== undefined)
      folders.set(folder, (folders.get(folder) ?? new Set()).add(revisionless(one.entry.version)));
    if (!yieldingCatalogers.has(one.entry.cataloger)) known.add(keyOf(one.entry));
  }
  return packages
    .filter(({ entry }) => yieldingCatalogers.has(entry.cataloger))
    .filter((one) => owned.has(one.entry.id) || known.has(keyOf(one.entry)) || isOfFolder(one, folders))
    .map(({ entry }) => entry.id);
}

/** The epoch is left out: what binaries and documents say has none. */
function keyOf({ type, name, version }: Package): string {
  return `${type}\n${name.toLowerCase()}\n${version.replace(/^\d+:/, "")}`;
}

/** Whether a program lies in the folder of a package of its version. */
function isOfFolder({ entry, found }: IdentifiedPackage, folders: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const path = entry.locations[0]?.path ?? "";
  if (found.folder !== undefined) return false;
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    const versions = folders.get(path.slice(0, slash + 1));
    if (versions !== undefined) return versions.has(revisionless(entry.version));
  }
  return false;
}

/** `7.0.5` of `7.0.5-3`, as packagers count their builds. */
function revisionless(version: string): string {
  return version.replace(/-\d+$/, "");
}
