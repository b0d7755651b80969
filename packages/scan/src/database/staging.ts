import { DatabaseSync, type StatementSync } from "node:sqlite";
import { digestOf } from "@sc/model";
import type { Advisory } from "../advisory.ts";
import { versionsBeyondRanges } from "../affected.ts";
import { schemeCalled } from "../ecosystem.ts";
import { packEntry, type PackedEntry, type StoredAdvisory } from "./layout.ts";

/** What one package of one release is affected by; the numbers in the entries are those of the staging file. */
export interface StagedPackage {
  readonly ecosystem: string;
  readonly name: string;
  readonly release: string;
  readonly entries: readonly PackedEntry[];
}

/** A record as it is kept until all are read. */
export interface StagedAdvisory {
  readonly id: string;
  readonly modified: string;
  /** JSON of a `StoredAdvisory`. */
  readonly stored: string;
}

/**
 * Advisories on their way into a database: written as they come, read by package when all are there. They lie in a
 * file, so that memory does not grow with their number. Of records with one id the last changed one counts.
 */
export class Staging implements Disposable {
  readonly #file: DatabaseSync;
  readonly #find: StatementSync;
  readonly #remove: StatementSync;
  readonly #insert: StatementSync;
  readonly #insertAffected: StatementSync;
  readonly #findBinaries: StatementSync;
  readonly #insertBinaries: StatementSync;
  #next = 1;

  constructor(path: string) {
    this.#file = new DatabaseSync(path);
    // A crash leaves a file that nobody reads: nothing of it needs to survive.
    this.#file.exec(`
      PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384; PRAGMA temp_store = FILE;
      CREATE TABLE record (number INTEGER PRIMARY KEY, id TEXT, part TEXT, modified TEXT, stored TEXT, UNIQUE (id, part));
      CREATE TABLE binaries (number INTEGER PRIMARY KEY, digest TEXT UNIQUE, names TEXT);
      CREATE TABLE affected (ecosystem TEXT, name TEXT, release TEXT, number INTEGER, packed TEXT);
      BEGIN`);
    this.#find = this.#file.prepare("SELECT modified FROM record WHERE id = ? AND part = ?");
    this.#remove = this.#file.prepare("DELETE FROM record WHERE id = ? AND part = ?");
    this.#insert = this.#file.prepare("INSERT INTO record VALUES (?, ?, ?, ?, ?)");
    this.#insertAffected = this.#file.prepare("INSERT INTO affected VALUES (?, ?, ?, ?, ?)");
    this.#findBinaries = this.#file.prepare("SELECT number FROM binaries WHERE digest = ?");
    this.#insertBinaries = this.#file.prepare("INSERT INTO binaries (digest, names) VALUES (?, ?)");
  }

  /** Adds an advisory or a part of one, and says whether it counts: another of its id may have been changed later. */
  add(advisory: Advisory, part = ""): boolean {
    const earlier = this.#find.get(advisory.id, part)?.["modified"];
    if (typeof earlier === "string") {
      if (Date.parse(earlier) >= Date.parse(advisory.modified)) return false;
      this.#remove.run(advisory.id, part);
    }
    const number = this.#next;
    this.#next += 1;
    const { id, modified } = advisory;
    this.#insert.run(number, id, part, modified, JSON.stringify(storedOf(advisory)));
    for (const affected of advisory.affected) {
      const { ecosystem, name, release } = affected;
      const versions = versionsBeyondRanges(affected, schemeCalled(ecosystem));
      const packed = packEntry(number, { ...affected, versions }, this.#numberOf(affected.binaries));
      this.#insertAffected.run(ecosystem, name, release, number, JSON.stringify(packed));
    }
    return true;
  }

  /** Ends the adding: from here on the advisories can be read. */
  finish(): void {
    this.#file.exec("COMMIT");
  }

  /** Every record's place among all when they are sorted by id, by its number; -1 where another took its place. */
  ranks(): Int32Array {
    const ranks = new Int32Array(this.#next).fill(-1);
    let rank = 0;
    for (const row of this.#file.prepare("SELECT number FROM record ORDER BY id, part").iterate()) {
      ranks[Number(row["number"])] = rank;
      rank += 1;
    }
    return ranks;
  }

  /**
   * The packages, sorted by ecosystem, name and release, with their entries in the order of the ids. Sorted in one pass
   * through temporary files: looking up each through an index would read the file in random order.
   */
  *packages(ranks: Int32Array): Generator<StagedPackage> {
    const rows = this.#file.prepare("SELECT * FROM affected ORDER BY ecosystem, name, release, number").iterate();
    let group: StagedPackage & { readonly entries: PackedEntry[] } = {
      ecosystem: "",
      name: "",
      release: "",
      entries: [],
    };
    for (const row of rows) {
      const [ecosystem, name, release] = [String(row["ecosystem"]), String(row["name"]), String(row["release"])];
      if (group.name !== name || group.release !== release || group.ecosystem !== ecosystem) {
        yield* sortEntries(group, ranks);
        group = { ecosystem, name, release, entries: [] };
      }
      const entry: PackedEntry = JSON.parse(String(row["packed"]));
      group.entries.push(entry);
    }
    yield* sortEntries(group, ranks);
  }

  /** Reads lists of binary packages, in JSON, by their numbers. */
  binariesReader(): (number: number) => string {
    const statement = this.#file.prepare("SELECT names FROM binaries WHERE number = ?");
    return (number) => String(statement.get(number)?.["names"]);
  }

  /** Reads records by their numbers. */
  recordReader(): (number: number) => StagedAdvisory {
    const statement = this.#file.prepare("SELECT id, modified, stored FROM record WHERE number = ?");
    return (number) => {
      const row = statement.get(number) ?? {};
      return { id: String(row["id"]), modified: String(row["modified"]), stored: String(row["stored"]) };
    };
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  // Thousands of advisories list the same binary packages: those of one source.
  #numberOf(binaries: readonly string[] | undefined): number | undefined {
    if (binaries === undefined) return undefined;
    const names = JSON.stringify(binaries);
    const digest = digestOf(names);
    const known = this.#findBinaries.get(digest)?.["number"];
    return Number(known ?? this.#insertBinaries.run(digest, names).lastInsertRowid);
  }
}

function* sortEntries(group: StagedPackage, ranks: Int32Array): Generator<StagedPackage> {
  const rankOf = ([number]: PackedEntry): number => ranks[number] ?? -1;
  const entries = group.entries.filter((entry) => rankOf(entry) >= 0);
  if (entries.length > 0) yield { ...group, entries: entries.toSorted((left, right) => rankOf(left) - rankOf(right)) };
}

function storedOf({ id, aliases, upstream, modified, published, ratings, ...texts }: Advisory): StoredAdvisory {
  const { summary, details, references } = texts;
  return {
    id,
    aliases,
    upstream,
    modified,
    ...(published === undefined ? {} : { published }),
    ratings,
    ...(summary === undefined ? {} : { summary }),
    ...(details === undefined ? {} : { details }),
    references,
  };
}
