import type { JsonObject } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { prefixedHashes } from "../read/integrity.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { gitPlace } from "../read/git-place.ts";
import { pythonKey } from "../read/python-requirement.ts";
import { reachableFrom } from "../read/reach.ts";
import { namesIn, openToml, tablesOf } from "../read/tree-file.ts";

/**
 * What uv would install, by its lock file. The project itself is no package of it.
 *
 * @see https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile
 */
export const uvLock: Cataloger<LockFacts> = lockCataloger({
  id: "uv-lock",
  version: 1,
  type: "pypi",
  among: { names: ["uv.lock"] },
  wants: (path) => isNamed(path, "uv.lock"),
  open: openToml,
  collect: (lock, entries) => {
    const packages = tablesOf(lock, "package");
    const graph = new Map<string, string[]>();
    const roots: string[] = [];
    for (const entry of packages) {
      const key = pythonKey(stringMember(entry, "name") ?? "");
      graph.set(key, [...(graph.get(key) ?? []), ...requiredBy(entry)]);
      if (isProject(entry)) roots.push(key);
    }
    const needed = reachableFrom(roots, (key) => graph.get(key) ?? []);
    for (const entry of packages) {
      const key = pythonKey(stringMember(entry, "name") ?? "");
      const scope = roots.length === 0 || needed.has(key) ? undefined : "dev";
      if (!isProject(entry)) addPackage(entry, { key, scope, dependsOn: requiredBy(entry) }, entries);
    }
    return undefined;
  },
});

function isProject(entry: JsonObject): boolean {
  const source = objectMember(entry, "source") ?? {};
  return stringMember(source, "virtual") !== undefined || stringMember(source, "editable") === ".";
}

/** Dependencies and those of the extras; what is for development only stands apart from them. */
function requiredBy(entry: JsonObject): string[] {
  const extras = objectMember(entry, "optional-dependencies") ?? {};
  const tables = [
    ...tablesOf(entry, "dependencies"),
    ...namesIn(entry, "optional-dependencies").flatMap((extra) => tablesOf(extras, extra)),
  ];
  return tables.map((table) => pythonKey(stringMember(table, "name") ?? ""));
}

interface Node {
  readonly key: string;
  readonly scope: string | undefined;
  readonly dependsOn: readonly string[];
}

function addPackage(entry: JsonObject, { key, scope, dependsOn }: Node, entries: LockEntries): void {
  const source = objectMember(entry, "source") ?? {};
  const git = stringMember(source, "git");
  const url = stringMember(source, "url");
  const files = [objectMember(entry, "sdist") ?? {}, ...tablesOf(entry, "wheels")];
  entries.add({
    name: stringMember(entry, "name") ?? "",
    version: stringMember(entry, "version") ?? "",
    keys: [key],
    dependsOn,
    scope,
    hashes: prefixedHashes(files.flatMap((file) => stringMember(file, "hash") ?? [])),
    vcs: gitPlace(git, git?.split("#")[1]),
    url,
    foreign: url === undefined ? undefined : true,
  });
}
