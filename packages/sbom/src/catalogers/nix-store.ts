import type { Cataloger } from "../cataloger.ts";
import { nixPackage } from "../read/nix-package.ts";

/** That a file of the store is there. */
export interface NixStoreFile {
  readonly kind: "file";
}

/**
 * Packages in the store of Nix by the names of its folders, for images without Nix's database, as `dockerTools` makes
 * them.
 *
 * @see https://nix.dev/manual/nix/latest/store/store-path
 */
export const nixStore: Cataloger<NixStoreFile> = {
  id: "nix-store",
  version: 1,
  evidence: "installed",
  yieldsToOwner: true,
  among: { above: ["store"] },
  wants: ({ path }) => placeOf(path) !== undefined,
  // Its name is all that is read of a file.
  parts: () => [],
  read: () => ({ kind: "file" }),
  *catalog(found) {
    const known = new Set<string>();
    for (const path of found.keys()) {
      const place = placeOf(path);
      if (place === undefined || known.has(place.root + place.name)) continue;
      known.add(place.root + place.name);
      const one = nixPackage(place.name, { path, refersTo: [] });
      if (one !== undefined) yield one;
    }
  },
};

/**
 * How many names deep a file may lie in its folder of the store to show it. Certificates lie at
 * `etc/ssl/certs/ca-bundle.crt`, manuals at `share/man/man1/some.1`; a package whose every file lies deeper is not found.
 */
const maxDepth = 4;

interface StorePlace {
  /** What stands before `nix/store/`. */
  readonly root: string;
  /** The folder in the store. */
  readonly name: string;
}

/** The folder in the store that a file near its top lies in. */
function placeOf(path: string): StorePlace | undefined {
  const at = path.startsWith("nix/store/") ? 0 : path.indexOf("/nix/store/") + 1;
  if (at === 0 && !path.startsWith("nix/store/")) return undefined;
  const [name, ...below] = path.slice(at + "nix/store/".length).split("/", maxDepth + 2);
  return name === undefined || below.length > maxDepth || !/^[0-9a-z]{32}-/.test(name)
    ? undefined
    : { root: path.slice(0, at), name };
}
