import type { Cataloger } from "../cataloger.ts";
import { prefixedHashes } from "../read/integrity.ts";
import { stringMember } from "../read/json-file.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { gitPlace } from "../read/git-place.ts";
import { pythonKey } from "../read/python-requirement.ts";
import { entriesIn, openJson, textsOf } from "../read/tree-file.ts";

/**
 * What Pipenv would install, by Pipfile.lock. It states no dependencies between the packages.
 *
 * @see https://github.com/pypa/pipfile
 */
export const pipfileLock: Cataloger<LockFacts> = lockCataloger({
  id: "pipfile-lock",
  version: 1,
  type: "pypi",
  among: { names: ["Pipfile.lock"] },
  wants: (path) => isNamed(path, "Pipfile.lock"),
  open: openJson,
  collect: (lock, entries) => {
    for (const section of ["default", "develop"]) {
      for (const [name, entry] of entriesIn(lock, section)) {
        const commit = stringMember(entry, "ref");
        const vcs = gitPlace(stringMember(entry, "git"), commit);
        const version =
          stringMember(entry, "version")?.replace(/^={2,3}/, "") ?? (vcs === undefined ? undefined : commit);
        if (version === undefined) continue;
        const scope = section === "develop" ? "dev" : undefined;
        entries.add({
          name,
          version,
          vcs,
          scope,
          keys: [pythonKey(name)],
          hashes: prefixedHashes(textsOf(entry, "hashes")),
        });
      }
    }
    return undefined;
  },
});
