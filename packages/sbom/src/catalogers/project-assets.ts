import type { Cataloger } from "../cataloger.ts";
import { integrityHashes } from "../read/integrity.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { entriesIn, openJson } from "../read/tree-file.ts";

/**
 * What NuGet restored for one project, by the project.assets.json that it leaves in `obj`. Projects are no packages.
 *
 * @see https://learn.microsoft.com/nuget/concepts/dependency-resolution
 */
export const projectAssets: Cataloger<LockFacts> = lockCataloger({
  id: "project-assets",
  version: 1,
  type: "nuget",
  among: { names: ["project.assets.json"] },
  wants: (path) => isNamed(path, "project.assets.json"),
  open: openJson,
  collect: (assets, entries) => {
    const needs = new Map<string, Set<string>>();
    for (const [, target] of entriesIn(assets, "targets")) {
      for (const [library, entry] of entriesIn({ target }, "target")) {
        const known = needs.get(library) ?? new Set();
        needs.set(library, known);
        for (const name of Object.keys(objectMember(entry, "dependencies") ?? {})) known.add(name.toLowerCase());
      }
    }
    for (const [library, entry] of entriesIn(assets, "libraries")) {
      if (stringMember(entry, "type") === "project") continue;
      const slash = library.lastIndexOf("/");
      const name = library.slice(0, Math.max(0, slash));
      entries.add({
        name,
        version: library.slice(slash + 1),
        keys: [name.toLowerCase()],
        dependsOn: [...(needs.get(library) ?? [])],
        hashes: integrityHashes(`sha512-${stringMember(entry, "sha512") ?? ""}`),
      });
    }
    return undefined;
  },
});
