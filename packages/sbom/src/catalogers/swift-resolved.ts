import { type JsonObject, withoutTrailing } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { gitPlace } from "../read/git-place.ts";
import { openJson, tablesOf } from "../read/tree-file.ts";

/**
 * What Swift's package manager would fetch, by Package.resolved of versions 1 to 3. A package goes by the place of its
 * repository, and by its commit where no version was chosen.
 *
 * @see https://docs.swift.org/swiftpm/documentation/packagemanagerdocs/
 */
export const swiftResolved: Cataloger<LockFacts> = lockCataloger({
  id: "swift-resolved",
  version: 1,
  type: "swift",
  among: { names: ["Package.resolved"] },
  wants: (path) => isNamed(path, "Package.resolved"),
  open: openJson,
  collect: (resolved, entries) => {
    const pins = [...tablesOf(resolved, "pins"), ...tablesOf(objectMember(resolved, "object") ?? {}, "pins")];
    for (const pin of pins) addPin(pin, entries);
    return undefined;
  },
});

function addPin(pin: JsonObject, entries: LockEntries): void {
  const location = stringMember(pin, "location") ?? stringMember(pin, "repositoryURL") ?? "";
  const state = objectMember(pin, "state") ?? {};
  const revision = stringMember(state, "revision");
  const bare = location
    .replace(/^[a-z+]+:\/\//, "")
    .replace(/^[^@/]+@/, "")
    .replace(/\.git$/, "");
  const name = withoutTrailing(bare.replace(/^([\w.-]+):/, "$1/"), "/");
  entries.add({
    name: name === "" || !name.includes("/") ? (stringMember(pin, "identity") ?? name) : name,
    version: stringMember(state, "version") ?? revision ?? "",
    vcs: stringMember(state, "version") === undefined ? gitPlace(location, revision) : undefined,
    properties: revision === undefined ? undefined : { "swift:revision": revision },
  });
}
