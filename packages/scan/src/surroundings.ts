import type { Inventory, Package } from "@sc/model";
import { readInstalled } from "./affected.ts";
import { schemeOf } from "./ecosystem.ts";
import { maxOwners } from "./limits.ts";
import type { Locate, Located } from "./locate.ts";

/** What is matched: packages, the distribution, and where it is known how the packages stand to each other. */
export type MatchedInventory = Pick<Inventory, "packages" | "distribution"> & Partial<Pick<Inventory, "relationships">>;

/** A distribution's own package that others are part of, with the advisories that it is compared with. */
export interface Owner {
  readonly found: Package;
  readonly located: Located;
}

/** What is around a package in its inventory. Read when first asked for: most images are never asked. */
export class Surroundings {
  readonly #inventory: MatchedInventory;
  readonly #locate: Locate;
  #owners: ReadonlyMap<string, readonly Package[]> | undefined;
  #npmFolders: ReadonlySet<string> | undefined;

  constructor(inventory: MatchedInventory, locate: Locate) {
    this.#inventory = inventory;
    this.#locate = locate;
  }

  /** The distribution's own packages that own a package of a language, those that were compared with advisories. */
  ownersOf({ id }: Package): readonly Owner[] {
    this.#owners ??= readOwners(this.#inventory);
    return (this.#owners.get(id) ?? []).slice(0, maxOwners).flatMap((found) => {
      const located = this.#locate(found);
      return "reason" in located ? [] : [{ found, located }];
    });
  }

  /** Whether npm itself is installed in this folder: `usr/local/lib/node_modules/npm`. */
  isNpm(folder: string): boolean {
    this.#npmFolders ??= new Set(
      this.#inventory.packages
        .filter(({ type, name }) => type === "npm" && name === "npm")
        .flatMap(({ locations }) => locations.map(({ path }) => path.replace(/\/package\.json$/, ""))),
    );
    return this.#npmFolders.has(folder);
  }
}

function readOwners({ packages, relationships = [] }: MatchedInventory): ReadonlyMap<string, readonly Package[]> {
  const owned = relationships.filter(({ type }) => type === "owned-by");
  if (owned.length === 0) return new Map();
  const byId = new Map(packages.map((found) => [found.id, found]));
  const owners = new Map<string, Package[]>();
  for (const { from, to } of owned) {
    const owner = byId.get(to);
    // Somebody else's package is in no advisory of the distribution.
    if (owner?.origin !== "distribution") continue;
    const known = owners.get(from);
    if (known === undefined) owners.set(from, [owner]);
    else known.push(owner);
  }
  return owners;
}

/** Whether the advisories of a package's release name one of these vulnerabilities for it, at whatever version. */
export function isNamedFor({ found, located }: Owner, ids: ReadonlySet<string>): boolean {
  const { ecosystem, releases, shard } = located;
  const asked = releases.includes("") ? releases : [...releases, ""];
  // Without a version nothing is left out for lying below it.
  const any = { ...readInstalled("", schemeOf(ecosystem)), version: undefined };
  const advisories = ecosystem
    .compared(found)
    .flatMap(({ name }) => asked.flatMap((release) => shard.affected(release, ecosystem.normalizeName(name), any)))
    .map(({ advisory }) => advisory);
  return [...shard.advisories(advisories).values()].some(({ id, aliases, upstream }) =>
    [id, ...aliases, ...upstream].some((name) => ids.has(name)),
  );
}
