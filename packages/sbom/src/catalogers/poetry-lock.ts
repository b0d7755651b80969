import type { JsonObject } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { prefixedHashes } from "../read/integrity.ts";
import { memberOf, objectMember, stringMember } from "../read/json-file.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { gitPlace } from "../read/git-place.ts";
import { pythonKey } from "../read/python-requirement.ts";
import { namesIn, openToml, tablesOf, textsOf } from "../read/tree-file.ts";

/**
 * What Poetry would install, by its lock files of versions 1 and 2.
 *
 * @see https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock
 */
export const poetryLock: Cataloger<LockFacts> = lockCataloger({
  id: "poetry-lock",
  version: 1,
  type: "pypi",
  among: { names: ["poetry.lock"] },
  wants: (path) => isNamed(path, "poetry.lock"),
  open: openToml,
  collect: (lock, entries) => {
    const files = objectMember(objectMember(lock, "metadata") ?? {}, "files") ?? {};
    for (const entry of tablesOf(lock, "package")) addPackage(entry, files, entries);
    return undefined;
  },
});

function addPackage(entry: JsonObject, files: JsonObject, entries: LockEntries): void {
  const name = stringMember(entry, "name");
  const source = objectMember(entry, "source") ?? {};
  const hashed = [...tablesOf(entry, "files"), ...tablesOf(files, name ?? "")];
  entries.add({
    name: name ?? "",
    version: stringMember(entry, "version") ?? "",
    keys: name === undefined ? [] : [pythonKey(name)],
    dependsOn: namesIn(entry, "dependencies").map(pythonKey),
    scope: scopeOf(entry),
    hashes: prefixedHashes(hashed.flatMap((file) => stringMember(file, "hash") ?? [])),
    ...originOf(source),
    description: stringMember(entry, "description"),
  });
}

function scopeOf(entry: JsonObject): string | undefined {
  const groups = textsOf(entry, "groups");
  const isDev = stringMember(entry, "category") === "dev" || (groups.length > 0 && !groups.includes("main"));
  if (isDev) return "dev";
  return memberOf(entry, "optional") === true ? "optional" : undefined;
}

function originOf(source: JsonObject): { vcs?: string | undefined; url?: string | undefined; foreign?: true } {
  const url = stringMember(source, "url");
  const type = stringMember(source, "type");
  if (type === "git") return { vcs: gitPlace(url, stringMember(source, "resolved_reference")) };
  return type === "url" ? { url, foreign: true } : {};
}
