import type { Cataloger } from "../cataloger.ts";
import { hexHash } from "../read/integrity.ts";
import { stringMember } from "../read/json-file.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { gitPlace } from "../read/git-place.ts";
import { openToml, tablesOf, textsOf } from "../read/tree-file.ts";

/**
 * What Gleam would fetch, by its manifest.toml. Packages of the project's own directories are left out.
 *
 * @see https://gleam.run/writing-gleam/gleam-toml/
 */
export const gleamManifest: Cataloger<LockFacts> = lockCataloger({
  id: "gleam-manifest",
  version: 1,
  type: "hex",
  among: { names: ["manifest.toml"] },
  wants: (path) => isNamed(path, "manifest.toml"),
  open: openToml,
  collect: (manifest, entries) => {
    for (const entry of tablesOf(manifest, "packages")) {
      const name = stringMember(entry, "name") ?? "";
      const hash = hexHash("sha256", stringMember(entry, "outer_checksum"));
      if (stringMember(entry, "source") === "local") continue;
      entries.add({
        name,
        version: stringMember(entry, "version") ?? "",
        keys: [name],
        dependsOn: textsOf(entry, "requirements"),
        hashes: hash === undefined ? undefined : [hash],
        vcs: gitPlace(stringMember(entry, "repo"), stringMember(entry, "commit")),
      });
    }
    return undefined;
  },
});
