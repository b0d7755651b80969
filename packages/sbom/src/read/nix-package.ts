import { formatPurl } from "@sc/model";
import type { FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { isVersion } from "./token.ts";

const outputs: ReadonlySet<string> = new Set([
  "bin",
  "dev",
  "out",
  "lib",
  "man",
  "doc",
  "devdoc",
  "info",
  "debug",
  "static",
  "data",
  "getent",
  "terminfo",
]);

/**
 * The package that a folder of the store is, `<hash>-<name>-<version>[-<output>]`: the version begins at the first
 * hyphen before something else than a letter. `undefined` for sources and others without a version.
 */
export function nixPackage(
  folder: string,
  { path, refersTo }: { readonly path: string; readonly refersTo: readonly string[] },
): FoundPackage | undefined {
  const named = folder.slice(33);
  const at = named.search(/-[^A-Za-z-]/);
  if (at < 1 || /\.(drv|tar\.\w+|tgz|zip|patch|diff|sh)$/.test(named)) return undefined;
  const name = named.slice(0, at);
  const tail = named.slice(at + 1);
  const hyphen = tail.lastIndexOf("-");
  const output = hyphen > 0 && outputs.has(tail.slice(hyphen + 1)) ? tail.slice(hyphen + 1) : undefined;
  const version = output === undefined ? tail : tail.slice(0, hyphen);
  if (!isVersion(version) || !/^[A-Za-z0-9+._?=-]+$/.test(name)) return undefined;
  return defined<FoundPackage>({
    kind: "package",
    type: "nix",
    name,
    version,
    purl: formatPurl({
      type: "nix",
      name,
      version,
      qualifiers: defined<Record<string, string>>({ outputhash: folder.slice(0, 32), output }),
    }),
    paths: [path],
    licenses: [],
    properties: someProperties({ "nix:store-path": `/nix/store/${folder}`, "nix:output": output }),
    provides: [folder],
    dependsOn: refersTo.filter((to) => to !== folder),
  });
}
