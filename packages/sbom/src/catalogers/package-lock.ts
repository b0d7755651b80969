import type { JsonObject } from "@sc/model";
import { hasRoom } from "../read/cuts.ts";
import { hexHash, integrityHashes } from "../read/integrity.ts";
import { memberOf, stringMember } from "../read/json-file.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { entriesIn, namesIn, openJson } from "../read/tree-file.ts";
import { npmPlace } from "../read/npm-place.ts";
import type { Cataloger } from "../cataloger.ts";

/**
 * What npm would install: package-lock.json and npm-shrinkwrap.json of every version, and the lock file that npm hides
 * in node_modules. The project itself is not a package of it; what
 * lies in its directories (`npm:local`) is.
 *
 * @see https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json
 */
export const packageLock: Cataloger<LockFacts> = lockCataloger({
  id: "package-lock",
  version: 1,
  type: "npm",
  among: { names: ["package-lock.json", "npm-shrinkwrap.json", ".package-lock.json"] },
  wants: (path) =>
    isNamed(path, "package-lock.json") || isNamed(path, "npm-shrinkwrap.json") || isNamed(path, ".package-lock.json"),
  // Of two npm reads the one that is published with the project.
  overruledBy: (path) => `${path.slice(0, path.lastIndexOf("/") + 1)}npm-shrinkwrap.json`,
  open: openJson,
  collect: (json, entries) => {
    // Version 2 has both forms, and the newer one says more.
    if (memberOf(json, "packages") === undefined) collectTree(json, entries);
    else collectPlaces(json, entries);
    return undefined;
  },
});

/** A place longer than this is deeper than any file system takes, and a dependency is looked for in each of its parts. */
const maxPlaceChars = 512;

/** Version 2 and 3: entries by the place that npm puts them; a link leads to a directory of the project. */
function collectPlaces(json: JsonObject, entries: LockEntries): void {
  const places = new Map(entriesIn(json, "packages"));
  const links = new Map<string, string>();
  for (const [place, entry] of places) {
    const target = memberOf(entry, "link") === true ? stringMember(entry, "resolved") : undefined;
    if (target !== undefined) links.set(target, place);
  }
  for (const [place, entry] of places) {
    if (place === "" || memberOf(entry, "link") === true) continue;
    const link = links.get(place);
    const named = nameOfPlace(link ?? place);
    const placed = { place, link, named, has: (key: string) => places.has(key) };
    if (hasRoom(place.length - 1, maxPlaceChars, "characters of a place")) addEntry(entry, placed, entries);
  }
}

function nameOfPlace(place: string): string {
  const at = place.lastIndexOf("node_modules/");
  return at === -1 ? place.slice(place.lastIndexOf("/") + 1) : place.slice(at + "node_modules/".length);
}

interface Level {
  readonly dependencies: readonly (readonly [string, JsonObject])[];
  readonly prefix: string;
}

/** Version 1: dependencies in each other as they lie in node_modules. */
function collectTree(json: JsonObject, entries: LockEntries): void {
  const places = new Map<string, readonly [string, JsonObject]>();
  const levels: Level[] = [{ dependencies: entriesIn(json, "dependencies"), prefix: "" }];
  for (let level = levels.pop(); level !== undefined; level = levels.pop()) {
    for (const [named, entry] of level.dependencies) {
      const place = `${level.prefix}node_modules/${named}`;
      if (!hasRoom(place.length - 1, maxPlaceChars, "characters of a place")) continue;
      places.set(place, [named, entry]);
      levels.push({ dependencies: entriesIn(entry, "dependencies"), prefix: `${place}/` });
    }
  }
  for (const [place, [named, entry]] of places) {
    addEntry(entry, { place, named, has: (key) => places.has(key), required: namesIn(entry, "requires") }, entries);
  }
}

interface Placed {
  readonly place: string;
  /** The link in node_modules that leads to a package of the project's own. */
  readonly link?: string | undefined;
  readonly named: string;
  readonly has: (place: string) => boolean;
  readonly required?: readonly string[];
}

function addEntry(entry: JsonObject, { place, link, named, has, required }: Placed, entries: LockEntries): void {
  const version = stringMember(entry, "version");
  const resolved = stringMember(entry, "resolved") ?? (/^[a-z+]+:/.test(version ?? "") ? version : undefined);
  const origin = npmPlace({ named: stringMember(entry, "name") ?? named, version, resolved });
  if (origin === undefined) return;
  const dependencies = required ?? [
    ...namesIn(entry, "dependencies"),
    ...namesIn(entry, "optionalDependencies"),
    ...namesIn(entry, "peerDependencies"),
  ];
  const license = stringMember(entry, "license");
  entries.add({
    ...origin,
    keys: link === undefined ? [place] : [place, link],
    properties: place.includes("node_modules/") ? undefined : { "npm:local": "true" },
    dependsOn: dependencies.flatMap((name) => resolvePlace(name, place, has) ?? []),
    scope: scopeOf(entry),
    hashes: [...integrityHashes(stringMember(entry, "integrity")), ...sha1Of(resolved)],
    licenses: license === undefined ? [] : [license],
  });
}

function scopeOf(entry: JsonObject): string | undefined {
  for (const scope of ["dev", "optional", "peer"]) if (memberOf(entry, scope) === true) return scope;
  return memberOf(entry, "devOptional") === true ? "dev" : undefined;
}

/** Old lock files of yarn and npm write the checksum behind the URL. */
function sha1Of(resolved: string | undefined): ReturnType<typeof integrityHashes> {
  const hash = hexHash("sha1", resolved?.split("#").at(-1));
  return hash === undefined || resolved?.startsWith("http") !== true ? [] : [hash];
}

/** Where Node.js finds a dependency: beside the package's own, or beside any that holds it. */
function resolvePlace(name: string, from: string, has: (place: string) => boolean): string | undefined {
  for (let holder = from; ; holder = holder.slice(0, Math.max(0, holder.lastIndexOf("node_modules/") - 1))) {
    const place = holder === "" ? `node_modules/${name}` : `${holder}/node_modules/${name}`;
    if (has(place)) return place;
    if (holder === "") return undefined;
  }
}
