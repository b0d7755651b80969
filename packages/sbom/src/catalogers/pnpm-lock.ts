import type { JsonObject } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { integrityHashes } from "../read/integrity.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { npmPlace } from "../read/npm-place.ts";
import { reachableFrom } from "../read/reach.ts";
import { entriesIn, namesIn, openYaml } from "../read/tree-file.ts";

/**
 * What pnpm would install, by its lock files of versions 5 to 9. Copies of one version that differ in their peers are
 * one package; directories and workspace members are none.
 *
 * @see https://github.com/pnpm/spec/tree/master/lockfile
 */
export const pnpmLock: Cataloger<LockFacts> = lockCataloger({
  id: "pnpm-lock",
  version: 1,
  type: "npm",
  among: { names: ["pnpm-lock.yaml"] },
  wants: (path) => isNamed(path, "pnpm-lock.yaml"),
  open: openYaml,
  collect: (documents, entries) => {
    // Of several documents the last is the project's; the one before it tells which pnpm to run.
    const lock = documents.at(-1);
    if (lock !== undefined) collectLock(lock, entries);
    return undefined;
  },
});

function collectLock(lock: JsonObject, entries: LockEntries): void {
  const graph = graphOf(lock);
  const needed = neededOf(lock, graph);
  const packages = objectMember(lock, "packages") ?? {};
  for (const path of Object.keys(packages)) {
    const entry = objectMember(packages, path) ?? {};
    const { name, version } = identityOf(path, entry);
    const resolution = objectMember(entry, "resolution") ?? {};
    const place = npmPlace({ named: name, version, resolved: resolvedOf(resolution) });
    if (place === undefined) continue;
    const key = withoutPeers(path);
    entries.add({
      ...place,
      keys: [key],
      dependsOn: [...(graph.get(key) ?? [])],
      scope: scopeOf(entry) ?? (needed === undefined || needed.has(key) ? undefined : "dev"),
      hashes: integrityHashes(stringMember(resolution, "integrity")),
    });
  }
}

function scopeOf(entry: JsonObject): string | undefined {
  return ["dev", "optional"].find((scope) => stringMember(entry, scope) === "true");
}

function resolvedOf(resolution: JsonObject): string | undefined {
  const repo = stringMember(resolution, "repo");
  return repo === undefined
    ? stringMember(resolution, "tarball")
    : `git+${repo.replace(/^git\+/, "")}#${stringMember(resolution, "commit") ?? ""}`;
}

/** The path of a package without the peers it was resolved with, which versions 6 and 9 put in brackets. */
function withoutPeers(path: string): string {
  const bracket = path.indexOf("(");
  return bracket === -1 ? path : path.slice(0, bracket);
}

function identityOf(path: string, entry: JsonObject): { readonly name: string; readonly version: string | undefined } {
  const named = nameOf(withoutPeers(path));
  return { name: stringMember(entry, "name") ?? named.name, version: stringMember(entry, "version") ?? named.version };
}

/** `name@version`, with a leading slash in version 6; `/name/version_peers` or `registry/name/version` in version 5. */
function nameOf(path: string): { readonly name: string; readonly version: string | undefined } {
  const joined = path.startsWith("/") ? path.slice(1) : path;
  const at = joined.indexOf("@", 1);
  const modern = /^(?:@[^@/]+\/)?[^@/]+$/.test(joined.slice(0, Math.max(0, at))) && !/^[^@]*\/\d/.test(joined);
  if (at > 0 && modern) return { name: joined.slice(0, at), version: joined.slice(at + 1) };
  const segments = withoutPeerSuffix(path).split("/");
  const scope = segments.at(-3) ?? "";
  const name = segments.at(-2) ?? "";
  return { name: scope.startsWith("@") ? `${scope}/${name}` : name, version: segments.at(-1)?.split("_", 1)[0] };
}

/** Peers of version 5 may hold slashes' substitutes, but also an at sign: all behind the version's underscore. */
function withoutPeerSuffix(path: string): string {
  const match = /^(.*?\/\d[^/_]*)_/.exec(path);
  return match?.[1] ?? path;
}

/** What each package depends on, by the paths of `packages`. */
function graphOf(lock: JsonObject): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Set(namesIn(lock, "packages").map(withoutPeers));
  const graph = new Map<string, Set<string>>();
  for (const section of ["packages", "snapshots"]) {
    for (const [path, entry] of entriesIn(lock, section)) {
      const key = withoutPeers(path);
      const targets = graph.get(key) ?? new Set();
      graph.set(key, targets);
      for (const target of targetsOf(entry, known)) targets.add(target);
    }
  }
  return graph;
}

function* targetsOf(entry: JsonObject, known: ReadonlySet<string>): Generator<string> {
  const required = ["dependencies", "optionalDependencies"].flatMap((field) =>
    Object.entries(objectMember(entry, field) ?? {}),
  );
  for (const [name, reference] of required) {
    const version =
      typeof reference === "string"
        ? reference
        : stringMember(objectMember({ reference }, "reference") ?? {}, "version");
    if (version === undefined) continue;
    const bare = withoutPeers(version);
    const paths = [`${name}@${bare}`, bare, `/${name}@${bare}`, `/${name}/${version}`, `/${bare}`];
    const path = paths.find((one) => known.has(one));
    if (path !== undefined) yield path;
  }
}

/** What a project needs when it runs; version 9 says for no package whether it is one for development. */
function neededOf(lock: JsonObject, graph: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> | undefined {
  const importers = entriesIn(lock, "importers");
  if (importers.length === 0 || objectMember(lock, "snapshots") === undefined) return undefined;
  const known = new Set(graph.keys());
  const roots = importers.flatMap(([, importer]) => Array.from(targetsOf(importer, known)));
  return reachableFrom(roots, (key) => graph.get(key) ?? []);
}
