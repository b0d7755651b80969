import type { CapturedFile } from "@sc/rootfs";
import type { CatalogContext, Cataloger, CatalogResult } from "../cataloger.ts";
import { limits } from "../limits.ts";
import { type Faults, FaultList, faultProblems } from "../read/faults.ts";
import { nixPackage } from "../read/nix-package.ts";
import { SqliteFile, type SqliteRow } from "../read/sqlite-file.ts";
import { tooLarge } from "../read/too-large.ts";
import { hasRoom } from "../read/cuts.ts";

/** A path of the store that the database knows, and those it refers to. */
interface NixPath {
  readonly name: string;
  readonly refersTo: readonly string[];
}

/** What Nix's database says. */
export interface NixFacts {
  readonly paths: readonly NixPath[];
  readonly faults?: Faults;
}

/**
 * Packages in the store of Nix, by its database.
 *
 * @see https://nix.dev/manual/nix/latest/store/store-path
 */
export const nix: Cataloger<NixFacts> = {
  id: "nix",
  version: 2,
  evidence: "installed",
  among: { names: ["db.sqlite", "db.sqlite-wal"] },
  wants: ({ path }) => path === databasePlace || path.endsWith(`/${databasePlace}`),
  companionOf: (path) => (path.endsWith("nix/var/nix/db/db.sqlite-wal") ? path.slice(0, -"-wal".length) : undefined),
  read: (file, companions) =>
    tooLarge(file, limits.maxPagedDatabaseBytes) ?? readDatabase(file, companions?.get(`${file.path}-wal`)),
  *catalog(found, context) {
    for (const [path, { paths, faults }] of found) {
      yield* faultProblems(path, faults);
      yield* databasePackages(path, paths, context);
    }
  },
};

const databasePlace = "nix/var/nix/db/db.sqlite";

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
  return found === undefined ? { paths } : { paths, faults: found };
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

/** The paths of the database that are in the image: layers are often made from a larger store. */
function* databasePackages(path: string, paths: readonly NixPath[], context: CatalogContext): Generator<CatalogResult> {
  const root = path.slice(0, -databasePlace.length);
  for (const { name, refersTo } of paths) {
    if (context.resolve(`${root}nix/store/${name}`) === undefined) continue;
    const one = nixPackage(name, { path, refersTo });
    if (one !== undefined) yield one;
  }
}
