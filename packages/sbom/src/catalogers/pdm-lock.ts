import type { Cataloger } from "../cataloger.ts";
import { prefixedHashes } from "../read/integrity.ts";
import { stringMember } from "../read/json-file.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { gitPlace } from "../read/git-place.ts";
import { pythonKey } from "../read/python-requirement.ts";
import { openToml, tablesOf, textsOf } from "../read/tree-file.ts";

/**
 * What PDM would install, by its lock file. Groups other than `default` are development's where their names say so.
 *
 * @see https://pdm-project.org/latest/usage/lockfile/
 */
export const pdmLock: Cataloger<LockFacts> = lockCataloger({
  id: "pdm-lock",
  version: 1,
  type: "pypi",
  among: { names: ["pdm.lock"] },
  wants: (path) => isNamed(path, "pdm.lock"),
  open: openToml,
  collect: (lock, entries) => {
    for (const entry of tablesOf(lock, "package")) {
      const name = stringMember(entry, "name") ?? "";
      const url = stringMember(entry, "url");
      entries.add({
        name,
        version: stringMember(entry, "version") ?? "",
        keys: [pythonKey(name)],
        dependsOn: textsOf(entry, "dependencies").map(pythonKey),
        scope: scopeOf(textsOf(entry, "groups")),
        hashes: prefixedHashes(tablesOf(entry, "files").flatMap((file) => stringMember(file, "hash") ?? [])),
        vcs: gitPlace(stringMember(entry, "git"), stringMember(entry, "revision")),
        url,
        foreign: url === undefined ? undefined : true,
        description: stringMember(entry, "summary"),
      });
    }
    return undefined;
  },
});

function scopeOf(groups: readonly string[]): string | undefined {
  if (groups.length === 0 || groups.includes("default")) return undefined;
  return groups.some((group) => /^(dev|test|tests|lint|docs?)$/.test(group)) ? "dev" : "optional";
}
