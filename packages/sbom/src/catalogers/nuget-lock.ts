import type { Cataloger } from "../cataloger.ts";
import { integrityHashes } from "../read/integrity.ts";
import { stringMember } from "../read/json-file.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { entriesIn, namesIn, openJson } from "../read/tree-file.ts";

/**
 * What NuGet would restore, by packages.lock.json: for each framework its packages. Projects are none.
 *
 * @see https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files#locking-dependencies
 */
export const nugetLock: Cataloger<LockFacts> = lockCataloger({
  id: "nuget-lock",
  version: 1,
  type: "nuget",
  among: { names: ["packages.lock.json"] },
  wants: (path) => isNamed(path, "packages.lock.json"),
  open: openJson,
  collect: (lock, entries) => {
    for (const [framework, packages] of entriesIn(lock, "dependencies")) {
      for (const [name, entry] of entriesIn({ packages }, "packages")) {
        const version = stringMember(entry, "resolved");
        if (version === undefined || stringMember(entry, "type") === "Project") continue;
        const key = (dependency: string): string => `${framework}\n${dependency.toLowerCase()}`;
        entries.add({
          name,
          version,
          keys: [key(name)],
          dependsOn: namesIn(entry, "dependencies").map(key),
          hashes: integrityHashes(`sha512-${stringMember(entry, "contentHash") ?? ""}`),
        });
      }
    }
    return undefined;
  },
});
