import type { JsonObject } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { hexHash } from "../read/integrity.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { gitPlace } from "../read/git-place.ts";
import { pythonKey } from "../read/python-requirement.ts";
import { namesIn, openToml, tablesOf } from "../read/tree-file.ts";

/**
 * What the lock file that all tools of Python share would have installed: pylock.toml and pylock.<name>.toml. A
 * directory without a version is a project of one's own.
 *
 * @see https://packaging.python.org/en/latest/specifications/pylock-toml/
 */
export const pylock: Cataloger<LockFacts> = lockCataloger({
  id: "pylock",
  version: 1,
  type: "pypi",
  among: { extensions: ["toml"] },
  wants: (path) => path.endsWith(".toml") && /(^|\/)pylock(\.[^./]+)?\.toml$/.test(path),
  open: openToml,
  collect: (lock, entries) => {
    for (const entry of tablesOf(lock, "packages")) {
      if (stringMember(entry, "version") !== undefined || objectMember(entry, "vcs") !== undefined) {
        addPackage(entry, entries);
      }
    }
    return undefined;
  },
});

function addPackage(entry: JsonObject, entries: LockEntries): void {
  const name = stringMember(entry, "name") ?? "";
  const vcs = objectMember(entry, "vcs") ?? {};
  const archive = objectMember(entry, "archive") ?? {};
  const commit = stringMember(vcs, "commit-id");
  const url = stringMember(archive, "url");
  const files = [archive, objectMember(entry, "sdist") ?? {}, ...tablesOf(entry, "wheels")];
  entries.add({
    name,
    version: stringMember(entry, "version") ?? commit ?? "",
    keys: [pythonKey(name)],
    dependsOn: tablesOf(entry, "dependencies").map((table) => pythonKey(stringMember(table, "name") ?? "")),
    hashes: files.flatMap((file) =>
      namesIn(file, "hashes").flatMap(
        (algorithm) => hexHash(algorithm, stringMember(objectMember(file, "hashes") ?? {}, algorithm)) ?? [],
      ),
    ),
    vcs: gitPlace(stringMember(vcs, "url"), commit),
    url,
    foreign: url === undefined ? undefined : true,
  });
}
