import type { Package, Relationship } from "@sc/model";
import type { RootFilesystem } from "@sc/rootfs";
import type { IdentifiedPackage } from "./identify.ts";

/**
 * Which packages of languages came as part of a package of the operating system: those whose evidence is among its
 * files. Advisories for such a copy come from the distribution.
 */
export function relateOwners(
  packages: readonly IdentifiedPackage[],
  root: Pick<RootFilesystem, "resolve">,
  yieldingCatalogers: ReadonlySet<string>,
): readonly Relationship[] {
  const evidence = evidenceOf(packages, yieldingCatalogers);
  if (evidence.size === 0) return [];
  const merged = new MergedDirectories(root);
  const owned = new Map<string, Relationship>();
  for (const { entry: owner } of packages) {
    if (owner.origin === undefined) continue;
    for (const file of owner.files ?? []) {
      for (const { id } of evidence.get(file) ?? evidence.get(merged.place(file)) ?? []) {
        owned.set(`${id}\n${owner.id}`, { from: id, to: owner.id, type: "owned-by" });
      }
    }
  }
  return [...owned.values()];
}

/** The packages that can be owned, by the file that shows them. */
function evidenceOf(
  packages: readonly IdentifiedPackage[],
  yieldingCatalogers: ReadonlySet<string>,
): ReadonlyMap<string, readonly Package[]> {
  const evidence = new Map<string, Package[]>();
  for (const { entry } of packages) {
    const path = entry.locations[0]?.path;
    // Only packages of an operating system have an origin; what a binary says of one is owned by the record of it.
    if ((entry.origin !== undefined && !yieldingCatalogers.has(entry.cataloger)) || path === undefined) continue;
    const known = evidence.get(path);
    if (known === undefined) evidence.set(path, [entry]);
    else known.push(entry);
  }
  return evidence;
}

/** Where files really are when their directory at the root is a link, as `lib` is to `usr/lib`. */
export class MergedDirectories {
  readonly #root: Pick<RootFilesystem, "resolve">;
  readonly #known = new Map<string, string>();

  constructor(root: Pick<RootFilesystem, "resolve">) {
    this.#root = root;
  }

  place(path: string): string {
    const slash = path.indexOf("/");
    if (slash === -1) return path;
    const top = path.slice(0, slash);
    let target = this.#known.get(top);
    if (target === undefined) {
      target = this.#root.resolve(top) ?? top;
      this.#known.set(top, target);
    }
    return `${target}${path.slice(slash)}`;
  }
}
