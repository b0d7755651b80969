import type { Inventory, Package } from "@sc/model";
import { matchesGlob } from "./glob.ts";
import { licenseIds } from "./license-policy.ts";

/** What packages are looked for by; every condition given must hold. In each text `*` stands for any characters. */
export interface PackageQuery {
  /** The purl type. */
  readonly type?: string | undefined;
  readonly name?: string | undefined;
  /** An SPDX identifier in the package's expressions, or the licence as the package declares it. */
  readonly license?: string | undefined;
  readonly cpe?: string | undefined;
  /** A place where the package was found, without leading slash. */
  readonly path?: string | undefined;
}

/** The packages of an inventory that a query is for, in the inventory's order. */
export function queryPackages({ packages }: Inventory, query: PackageQuery): Package[] {
  const { type, name, license, cpe, path } = query;
  return packages.filter(
    (entry) =>
      is(type, () => [entry.type]) &&
      is(name, () => [entry.name]) &&
      is(license, () => entry.licenses.flatMap((one) => [one.declared, ...licenseIds(one)])) &&
      is(cpe, () => entry.cpes ?? []) &&
      is(path?.replace(/^\/+/, ""), () => entry.locations.map((location) => location.path)),
  );
}

function is(pattern: string | undefined, texts: () => readonly string[]): boolean {
  return pattern === undefined || texts().some((text) => matchesGlob(pattern, text));
}
