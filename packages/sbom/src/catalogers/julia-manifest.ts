import type { Cataloger } from "../cataloger.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { memberOf, objectMember, stringMember } from "../read/json-file.ts";
import { namesIn, openToml, tablesOf, textsOf } from "../read/tree-file.ts";

/**
 * What Julia's Pkg installs, by Manifest.toml of versions 1 and 2. Libraries that come with Julia itself have
 * its version (`julia:stdlib`), and are left out where the file does not say which that is.
 *
 * @see https://pkgdocs.julialang.org/v1/toml-files/#Manifest.toml
 */
export const juliaManifest: Cataloger<LockFacts> = lockCataloger({
  id: "julia-manifest",
  version: 1,
  type: "julia",
  among: { names: ["Manifest.toml", "JuliaManifest.toml"] },
  wants: (path) => isNamed(path, "Manifest.toml") || isNamed(path, "JuliaManifest.toml"),
  open: openToml,
  collect: (manifest, entries) => {
    const packages =
      memberOf(manifest, "manifest_format") === undefined ? manifest : (objectMember(manifest, "deps") ?? {});
    for (const name of Object.keys(packages)) {
      for (const entry of tablesOf(packages, name)) {
        const own = stringMember(entry, "version");
        const version = own ?? stringMember(manifest, "julia_version");
        if (version === undefined) continue;
        entries.add({
          name,
          version,
          keys: [name],
          dependsOn: [...textsOf(entry, "deps"), ...namesIn(entry, "deps")],
          properties: own === undefined ? { "julia:stdlib": "true" } : undefined,
          qualifiers: { uuid: stringMember(entry, "uuid") ?? "" },
        });
      }
    }
    return undefined;
  },
});
