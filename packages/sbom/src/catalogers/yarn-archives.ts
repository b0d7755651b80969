import { Buffer } from "node:buffer";
import { ZipReader } from "@sc/archive";
import { isJsonArray, isJsonObject, isScError, type JsonValue, parseJson, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger } from "../cataloger.ts";
import { limits } from "../limits.ts";
import { stringMember } from "../read/json-file.ts";
import { isNpmName, type NpmManifest, npmManifestOf } from "../read/npm-manifest.ts";
import { npmPackage } from "../read/npm-package.ts";
import { malformed, tooLarge, unreadable } from "../read/too-large.ts";
import { isVersion, quote } from "../read/token.ts";
import { firstOf, hasRoom } from "../read/cuts.ts";

/** One package that yarn's loader loads: the archive it lies in, and what it may require, as `name@reference`. */
interface PnpPackage {
  readonly key: string;
  readonly archive: string;
  readonly needs: readonly string[];
}

/** What one archive of yarn's cache, or one loader of Plug'n'Play, says. */
export type YarnFacts =
  | { readonly kind: "archive"; readonly manifest: NpmManifest }
  | { readonly kind: "loader"; readonly packages: readonly PnpPackage[] };

/**
 * npm packages that yarn's Plug'n'Play loads from the archives of its cache. An archive that no loader in the image
 * names is a download and not installed.
 *
 * @see https://yarnpkg.com/advanced/pnp-spec
 */
export const yarnArchives: Cataloger<YarnFacts> = {
  id: "yarn-archives",
  version: 1,
  evidence: "installed",
  among: { extensions: ["zip", "cjs", "json"] },
  wants: ({ path, size }) => size > 0 && (isArchive(path) || isLoader(path)),
  read: (file) => (isLoader(file.path) ? readLoader(file) : readArchive(file)),
  *catalog(found) {
    const archives = new Map<string, string>();
    for (const [path, { kind }] of found)
      if (kind === "archive") archives.set(path.slice(path.lastIndexOf("/") + 1), path);
    const needs = loadedArchives(found, archives);
    for (const [path, dependsOnPaths] of needs) {
      const facts = found.get(path);
      if (facts?.kind === "archive")
        yield npmPackage(facts.manifest, { paths: [path], dependsOnPaths: [...dependsOnPaths].toSorted() });
    }
  },
};

/** In the project, or since yarn 4 in the user's home. */
function isArchive(path: string): boolean {
  return path.endsWith(".zip") && /(?:^|\/)(?:\.yarn|berry)\/cache\/[^/]+$/.test(path);
}

function isLoader(path: string): boolean {
  return path.endsWith(".pnp.cjs") || path.endsWith(".pnp.data.json");
}

function readArchive(file: CapturedFile): YarnFacts | Problem | undefined {
  try {
    const zip = new ZipReader(file, { where: file.path });
    for (const entry of zip.entries()) {
      if (!/^node_modules\/(?:@[^/]+\/)?[^/@][^/]*\/package\.json$/.test(entry.path)) continue;
      const json = parseJson(Buffer.from(zip.read(entry, limits.maxManifestBytes)).toString("utf8"), file.path);
      if (!isJsonObject(json)) return malformed(file, "the package's manifest is not a JSON object");
      const name = stringMember(json, "name");
      const version = stringMember(json, "version");
      if (!isNpmName(name) || !isVersion(version)) {
        return malformed(file, `the package has no valid name and version: ${quote(name)}, ${quote(version)}`);
      }
      return { kind: "archive", manifest: npmManifestOf(json, name, version) };
    }
    return undefined;
  } catch (error) {
    if (isScError(error)) return unreadable(file, "the archive cannot be read");
    throw error;
  }
}

function readLoader(file: CapturedFile): YarnFacts | Problem | undefined {
  const large = tooLarge(file, limits.maxManifestBytes);
  if (large !== undefined) return large;
  const text = file.text(limits.maxManifestBytes);
  const state = file.path.endsWith(".json") ? text : stateIn(text);
  // The state may stand in the file of data beside the loader.
  if (state === undefined) return undefined;
  try {
    const json = parseJson(state, file.path);
    return isJsonObject(json) ? { kind: "loader", packages: packagesIn(json["packageRegistryData"]) } : undefined;
  } catch (error) {
    if (isScError(error)) return unreadable(file, "its state is not a JSON document");
    throw error;
  }
}

/** The JSON document that the loader has as a literal in single quotes, each line ended by a backslash. */
function stateIn(text: string): string | undefined {
  const start = /RAW_RUNTIME_STATE\s*=\s*'/.exec(text);
  if (start === null) return undefined;
  const from = start.index + start[0].length;
  const end = text.indexOf("';", from);
  return end === -1 ? undefined : text.slice(from, end).replaceAll(/\\([\s\S])/g, "$1");
}

/** `[[name, [[reference, {packageLocation, packageDependencies}]]]]`: of the project itself the name is `null`. */
function packagesIn(registry: JsonValue | undefined): PnpPackage[] {
  const packages: PnpPackage[] = [];
  for (const [name, references] of pairsOf(registry)) {
    for (const [reference, described] of pairsOf(references)) {
      if (!isJsonObject(described) || !hasRoom(packages.length, limits.maxRecords, "packages")) continue;
      const archive = /\/([^/]+\.zip)\//.exec(
        (stringMember(described, "packageLocation") ?? "").slice(0, limits.maxPathChars),
      );
      if (archive === null || typeof name !== "string" || typeof reference !== "string") continue;
      const needs = pairsOf(described["packageDependencies"]).flatMap(([other, at]) => keyOf(other, at));
      packages.push({
        key: `${name}@${reference}`,
        archive: archive[1] ?? "",
        needs: firstOf(needs, limits.maxNames, "names it depends on"),
      });
    }
  }
  return packages;
}

/** A dependency is `[name, reference]`, or `[alias, [name, reference]]`, or not installed: `[name, null]`. */
function keyOf(name: JsonValue, at: JsonValue): string[] {
  if (isJsonArray(at)) return typeof at[0] === "string" && typeof at[1] === "string" ? [`${at[0]}@${at[1]}`] : [];
  return typeof name === "string" && typeof at === "string" ? [`${name}@${at}`] : [];
}

function pairsOf(value: JsonValue | undefined): readonly (readonly [JsonValue, JsonValue])[] {
  if (!isJsonArray(value)) return [];
  return value.flatMap((pair) => {
    const [first, second] = isJsonArray(pair) ? pair : [];
    return first === undefined || second === undefined ? [] : [[first, second] as const];
  });
}

/** By the path of each archive that a loader names: the paths of those it needs. */
function loadedArchives(
  found: ReadonlyMap<string, YarnFacts>,
  archives: ReadonlyMap<string, string>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const loaded = new Map<string, Set<string>>();
  for (const facts of found.values()) {
    if (facts.kind !== "loader") continue;
    const byKey = new Map(facts.packages.map(({ key, archive }) => [key, archives.get(archive)] as const));
    for (const { key, needs } of facts.packages) {
      const path = byKey.get(key);
      if (path === undefined) continue;
      const known = loaded.get(path) ?? new Set<string>();
      const targets = needs.flatMap((need) => byKey.get(need) ?? []);
      for (const target of targets) known.add(target);
      // A package may require itself.
      known.delete(path);
      loaded.set(path, known);
    }
  }
  return loaded;
}
