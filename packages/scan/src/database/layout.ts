import type { Rating } from "@sc/model";
import type { AffectedPackage, AffectedRange } from "../advisory.ts";
import type { Affected } from "../affected.ts";

/**
 * The version of the layout; a database of another one is refused. 2: lists of binary packages. 3: names in a table of
 * their own, and an advisory whole in its block.
 */
export const databaseSchema = 3;

/** What `PRAGMA application_id` says of a file of ours: the letters "scad". */
export const applicationId = 0x73636164;

/** The file that names the others; renaming a new one over it is what makes a build visible, whole. */
export const indexFileName = "index.json";

/** How many advisories share one compressed block, a line of JSON each. */
export const advisoriesPerBlock = 8;

/**
 * The tables of one ecosystem's file. What most packages need stands with their names, those of one release close
 * together: the highest end of the entries of a single span, its type's letter before the version, and whether there are
 * others. A package's entries are JSON: those of a single span by their ends, highest first, and the others. Lists of binary packages, of
 * which most are many packages', stand once, in JSON. A block has the size that it is decompressed to beside it.
 */
export const tables = `
  CREATE TABLE name (
    release TEXT, name TEXT, highest TEXT, others INTEGER, package INTEGER, PRIMARY KEY (release, name)
  ) WITHOUT ROWID;
  CREATE TABLE package (number INTEGER PRIMARY KEY, bounded TEXT, others TEXT);
  CREATE TABLE binaries (number INTEGER PRIMARY KEY, names TEXT);
  CREATE TABLE advisories (block INTEGER PRIMARY KEY, size INTEGER, data BLOB);
`;

/** The tables of the file of what is exploited. */
export const exploitationTables = `
  CREATE TABLE epss (cve TEXT PRIMARY KEY, score REAL) WITHOUT ROWID;
  CREATE TABLE kev (cve TEXT PRIMARY KEY) WITHOUT ROWID;
`;

/** What is kept of an advisory: to group it, to rate it, and to show it. */
export interface StoredAdvisory {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly upstream: readonly string[];
  readonly modified: string;
  readonly published?: string;
  readonly ratings: readonly Rating[];
  readonly summary?: string;
  readonly details?: string;
  readonly references: readonly string[];
}

/** What one advisory says of one package, by the advisory's number in its file. */
export interface AffectedEntry extends Affected {
  readonly advisory: number;
  readonly ratings: readonly Rating[];
  readonly endOfLife: boolean;
  readonly wontFix: boolean;
  /** The streams of rpm modules that it is about; absent where it is about packages outside of modules. */
  readonly modules?: readonly string[];
  /** The list of the binary packages that it is about, by the list's number in its file; absent where it is about all. */
  readonly binaries?: number;
}

/** An entry as it is stored: number, ranges (0 or 1 for the type, then letter and version by turns), versions, rest. */
export type PackedEntry = readonly [
  advisory: number,
  ranges: readonly (readonly (string | number)[])[],
  versions?: readonly string[],
  ratings?: readonly Rating[],
  /** 1 where the release is mended no more, 2 where the package will not be. */
  unmended?: 0 | 1 | 2,
  modules?: readonly string[] | null,
  binaries?: number,
];

const letters = { introduced: "i", fixed: "f", last_affected: "l", limit: "m" } as const;
const typesByLetter: ReadonlyMap<string | number | undefined, keyof typeof letters> = new Map([
  ["i", "introduced"],
  ["f", "fixed"],
  ["l", "last_affected"],
  ["m", "limit"],
]);

/** The stored form of what an advisory says of a package, with the number of its list of binary packages. */
export function packEntry(advisory: number, affected: AffectedPackage, binaries?: number): PackedEntry {
  const ranges = affected.ranges.map(({ type, events }) => [
    type === "SEMVER" ? 1 : 0,
    ...events.flatMap((event) => [letters[event.type], event.version]),
  ]);
  const { versions, ratings, modules } = affected;
  const unmended = affected.endOfLife === true ? 1 : affected.wontFix === true ? 2 : 0;
  if (binaries !== undefined) return [advisory, ranges, versions, ratings, unmended, modules ?? null, binaries];
  if (modules !== undefined) return [advisory, ranges, versions, ratings, unmended, modules];
  if (unmended > 0) return [advisory, ranges, versions, ratings, unmended];
  if (ratings.length > 0) return [advisory, ranges, versions, ratings];
  return versions.length > 0 ? [advisory, ranges, versions] : [advisory, ranges];
}

/** What a stored form says. */
export function unpackEntry([
  advisory,
  ranges,
  versions = [],
  ratings = [],
  unmended = 0,
  modules,
  binaries,
]: PackedEntry): AffectedEntry {
  return {
    advisory,
    ranges: ranges.map(unpackRange),
    versions,
    ratings,
    endOfLife: unmended === 1,
    wontFix: unmended === 2,
    ...(modules === undefined || modules === null ? {} : { modules }),
    ...(binaries === undefined ? {} : { binaries }),
  };
}

function unpackRange(packed: readonly (string | number)[]): AffectedRange {
  const events = [];
  for (let at = 1; at + 1 < packed.length; at += 2) {
    const type = typesByLetter.get(packed[at]);
    if (type !== undefined) events.push({ type, version: String(packed[at + 1]) });
  }
  return { type: packed[0] === 1 ? "SEMVER" : "ECOSYSTEM", events };
}
