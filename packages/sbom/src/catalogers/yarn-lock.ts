import type { JsonObject, Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger } from "../cataloger.ts";
import { hexHash, integrityHashes } from "../read/integrity.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { npmPlace } from "../read/npm-place.ts";
import { quote } from "../read/token.ts";
import { openLines, openYaml } from "../read/tree-file.ts";
import { parseYarnLines, type YarnRecord } from "../read/yarn-lines.ts";

/**
 * What yarn would install, by the lock files of yarn 1 and of those since yarn 2. Workspace members are no packages.
 *
 * @see https://classic.yarnpkg.com/lang/en/docs/yarn-lock/
 */
export const yarnLock: Cataloger<LockFacts> = lockCataloger({
  id: "yarn-lock",
  version: 3,
  type: "npm",
  among: { names: ["yarn.lock"] },
  wants: (path) => isNamed(path, "yarn.lock"),
  open: openYarn,
  collect: (records, entries) => {
    for (const record of records) addRecord(record, entries);
    return undefined;
  },
});

function openYarn(file: CapturedFile): { readonly content: readonly YarnRecord[] } | Problem {
  const lines = openLines(file);
  if ("kind" in lines) return lines;
  if (!lines.content.some((line) => line.startsWith("__metadata:"))) return { content: parseYarnLines(lines.content) };
  // A merge in version control may leave an entry twice; yarn reads the last.
  const documents = openYaml(file, { repeats: true });
  return "kind" in documents ? documents : { content: documents.content.flatMap(modernRecords) };
}

function modernRecords(document: JsonObject): YarnRecord[] {
  return Object.keys(document).flatMap((header) => {
    const entry = objectMember(document, header);
    if (entry === undefined || header === "__metadata") return [];
    const dependencies = Object.entries(objectMember(entry, "dependencies") ?? {}).flatMap(([name, range]) =>
      typeof range === "string" ? [`${name}@${range}`, `${name}@npm:${range}`] : [],
    );
    return [
      {
        patterns: header.split(/, ?/),
        version: stringMember(entry, "version"),
        resolved: stringMember(entry, "resolution"),
        modern: true,
        dependencies,
      },
    ];
  });
}

function addRecord(record: YarnRecord, entries: LockEntries): void {
  const { patterns, version, resolved, integrity, dependencies, modern } = record;
  const [name, range] = descriptorOf((modern === true ? resolved : patterns[0]) ?? "");
  if (modern === true && /^(workspace|link|portal):/.test(range)) return;
  // `alias@npm:name@range`: yarn 1 keeps the alias in front.
  const alias = modern === true ? null : /^npm:(@?[^@]+)@/.exec(range);
  const place = npmPlace({
    named: alias?.[1] ?? nameInUrl(modern === true ? undefined : resolved) ?? name,
    version,
    resolved: modern === true ? remoteOf(range) : resolved,
  });
  if (place === undefined) entries.fault(`the package ${quote(name)} has no valid name and version`);
  else {
    const sha1 = place.vcs === undefined ? hexHash("sha1", resolved?.split("#")[1]) : undefined;
    const hashes = [...integrityHashes(integrity), ...(sha1 === undefined ? [] : [sha1])];
    entries.add({ ...place, keys: patterns, dependsOn: dependencies, hashes });
  }
}

/**
 * The package that a tarball of a registry is of: yarn 1 keeps the name that is asked for in front, whatever a resolution
 * put in its place.
 */
function nameInUrl(resolved: string | undefined): string | undefined {
  const [, path, file = ""] = /^https?:\/\/[^/]+\/([^?#]*)\/-\/([^/?#]+)\.tgz(?:[?#]|$)/.exec(resolved ?? "") ?? [];
  const segments = path?.replaceAll(/%2f/gi, "/").split("/") ?? [];
  const [name = "", scope = ""] = segments.toReversed();
  // Registries name the file by the package: what does not may be anything.
  if (name === "" || !file.startsWith(`${name}-`)) return undefined;
  return scope.startsWith("@") ? `${scope}/${name}` : name;
}

/** The name and the range or place of `name@range`. */
function descriptorOf(descriptor: string): readonly [string, string] {
  const at = descriptor.indexOf("@", 1);
  return at === -1 ? [descriptor, ""] : [descriptor.slice(0, at), descriptor.slice(at + 1)];
}

/** Where a resolution since yarn 2 leads, when that is not the registry. */
function remoteOf(range: string): string | undefined {
  return /^(https?:|git)/.test(range) ? range : undefined;
}
