import { formatPurl } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { CatalogContext, Cataloger, CatalogResult, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { limits } from "../limits.ts";
import { type Faults, FaultList, faultProblems } from "../read/faults.ts";
import { SqliteFile, type SqliteRow } from "../read/sqlite-file.ts";
import { tooLarge } from "../read/too-large.ts";
import { isVersion } from "../read/token.ts";
import { hasRoom } from "../read/cuts.ts";

/** A path of the store that the database knows, and those it refers to. */
interface NixPath {
  readonly name: string;
  readonly refersTo: readonly string[];
}

/** What Nix's database says, or that a file of the store is there. */
export type NixFacts =
  | { readonly kind: "database"; readonly paths: readonly NixPath[]; readonly faults?: Faults }
  | { readonly kind: "file" };

/**
 * Packages in the store of Nix, by its database; without one, as images of `dockerTools` are, by the names of the
 * folders in the store.
 *
 * @see https://nix.dev/manual/nix/latest/store/store-path
 */
export const nix: Cataloger<NixFacts> = {
  id: "nix",
  version: 1,
  evidence: "installed",
  among: { names: ["db.sqlite", "db.sqlite-wal"], above: ["store"] },
  wants: ({ path, size }) => isDatabase(path) || (size <= maxStoreFileBytes && placeOf(path) !== undefined),
  companionOf: (path) => (path.endsWith("nix/var/nix/db/db.sqlite-wal") ? path.slice(0, -"-wal".length) : undefined),
  read: (file, companions) => {
    if (!isDatabase(file.path)) return { kind: "file" };
    return tooLarge(file, limits.maxPagedDatabaseBytes) ?? readDatabase(file, companions?.get(`${file.path}-wal`));
  },
  *catalog(found, context) {
    const known = new Set<string>();
    for (const [path, facts] of found) {
      if (facts.kind !== "database") continue;
      yield* faultProblems(path, facts.faults);
      yield* databasePackages({ path, paths: facts.paths, known, context });
    }
    for (const path of found.keys()) {
      const place = placeOf(path);
      if (place === undefined || known.has(place.root + place.name)) continue;
      known.add(place.root + place.name);
      const one = packageOf(place.name, { path, refersTo: [] });
      if (one !== undefined) yield one;
    }
  },
};

const databasePlace = "nix/var/nix/db/db.sqlite";
/** One of a package's small files shows it as well as a large one. */
const maxStoreFileBytes = 1_048_576;

function isDatabase(path: string): boolean {
  return path === databasePlace || path.endsWith(`/${databasePlace}`);
}

interface StorePlace {
  /** What stands before `nix/store/`. */
  readonly root: string;
  /** The folder in the store. */
  readonly name: string;
}

/** The folder in the store that a file near its top lies in; what lies deeper has others above it. */
function placeOf(path: string): StorePlace | undefined {
  const at = path.startsWith("nix/store/") ? 0 : path.indexOf("/nix/store/") + 1;
  if (at === 0 && !path.startsWith("nix/store/")) return undefined;
  const [name, , , deeper] = path.slice(at + "nix/store/".length).split("/", 4);
  return name === undefined || deeper !== undefined || !/^[0-9a-z]{32}-/.test(name)
    ? undefined
    : { root: path.slice(0, at), name };
}

function readDatabase(file: CapturedFile, wal: CapturedFile | undefined): NixFacts {
  const faults = new FaultList();
  const damage = (message: string): void => faults.lose(message);
  const database = SqliteFile.open(file, { wal, maxRowBytes: limits.maxManifestBytes, damage });
  const rows = database?.rows("ValidPaths");
  if (rows === undefined) damage("the file is no database of Nix");
  const names = namesOf(rows ?? [], faults);
  const refers = referencesOf(database?.rows("Refs") ?? [], names);
  const paths = [...names].map(([id, name]) => ({ name, refersTo: refers.get(id) ?? [] }));
  const found = faults.finish();
  return found === undefined ? { kind: "database", paths } : { kind: "database", paths, faults: found };
}

/** The folders in the store, by the ids of their rows. */
function namesOf(rows: Iterable<SqliteRow>, faults: FaultList): Map<number, string> {
  const names = new Map<number, string>();
  for (const { id, values } of rows) {
    const name = typeof values[1] === "string" ? values[1].split("/").at(-1) : undefined;
    if (name !== undefined && name.length <= limits.maxNameChars) names.set(id, name);
    if (names.size < limits.maxRecords) continue;
    faults.truncate(`more than ${limits.maxRecords} paths`);
    break;
  }
  return names;
}

function referencesOf(rows: Iterable<SqliteRow>, names: ReadonlyMap<number, string>): Map<number, string[]> {
  const refers = new Map<number, string[]>();
  for (const { values } of rows) {
    const [from, to] = values;
    const target = typeof to === "number" ? names.get(to) : undefined;
    if (typeof from !== "number" || target === undefined || !names.has(from)) continue;
    const targets = refers.get(from) ?? [];
    refers.set(from, targets);
    if (hasRoom(targets.length, limits.maxNames, "paths that one refers to")) targets.push(target);
  }
  return refers;
}

interface DatabaseView {
  readonly path: string;
  readonly paths: readonly NixPath[];
  /** The paths that were told of, added to here. */
  readonly known: Set<string>;
  readonly context: CatalogContext;
}

/** The paths of the database that are in the image: layers are often made from a larger store. */
function* databasePackages({ path, paths, known, context }: DatabaseView): Generator<CatalogResult> {
  const root = path.slice(0, -databasePlace.length);
  for (const { name, refersTo } of paths) {
    known.add(root + name);
    if (context.resolve(`${root}nix/store/${name}`) === undefined) continue;
    const one = packageOf(name, { path, refersTo });
    if (one !== undefined) yield one;
  }
}

const outputs: ReadonlySet<string> = new Set([
  "bin",
  "dev",
  "out",
  "lib",
  "man",
  "doc",
  "devdoc",
  "info",
  "debug",
  "static",
  "data",
  "getent",
  "terminfo",
]);

/** `<hash>-<name>-<version>[-<output>]`: the version begins at the first hyphen before something else than a letter. */
function packageOf(
  folder: string,
  { path, refersTo }: { readonly path: string; readonly refersTo: readonly string[] },
): FoundPackage | undefined {
  const named = folder.slice(33);
  const at = named.search(/-[^A-Za-z-]/);
  if (at < 1 || /\.(drv|tar\.\w+|tgz|zip|patch|diff|sh)$/.test(named)) return undefined;
  const name = named.slice(0, at);
  const tail = named.slice(at + 1);
  const hyphen = tail.lastIndexOf("-");
  const output = hyphen > 0 && outputs.has(tail.slice(hyphen + 1)) ? tail.slice(hyphen + 1) : undefined;
  const version = output === undefined ? tail : tail.slice(0, hyphen);
  if (!isVersion(version) || !/^[A-Za-z0-9+._?=-]+$/.test(name)) return undefined;
  return defined<FoundPackage>({
    kind: "package",
    type: "nix",
    name,
    version,
    purl: formatPurl({
      type: "nix",
      name,
      version,
      qualifiers: defined<Record<string, string>>({ outputhash: folder.slice(0, 32), output }),
    }),
    paths: [path],
    licenses: [],
    properties: someProperties({ "nix:store-path": `/nix/store/${folder}`, "nix:output": output }),
    provides: [folder],
    dependsOn: refersTo.filter((to) => to !== folder),
  });
}
