import { join, resolve } from "node:path";
import { FrameDecoder } from "@sc/archive";
import type { DatabaseFacts } from "../database-facts.ts";
import { type CompleteOptions, fetchParts, type OpenPlace, partial, type PartialDatabase } from "./complete.ts";
import { type Exploitation, ExploitationReader } from "./exploitation-reader.ts";
import { factsOf, readIndexFile } from "./index-file.ts";
import { readOrigin } from "./origin.ts";
import { ShardReader } from "./shard-reader.ts";

/** How a database is opened. */
export interface OpenDatabaseOptions {
  /** Opens the place that the database was fetched from, when parts of it are missing; without it nothing is fetched. */
  readonly openPlace?: OpenPlace | undefined;
}

/**
 * An open advisory database: immutable, so that it may be read while another process builds the next one.
 *
 * An ecosystem's file is opened when it is first asked for, and never when it is not.
 */
export class AdvisoryDatabase implements AsyncDisposable {
  readonly facts: DatabaseFacts;
  readonly #database: PartialDatabase;
  readonly #shards = new Map<string, ShardReader>();
  readonly #openPlace: OpenPlace | undefined;
  readonly #decoder = new FrameDecoder();
  #exploitation: ExploitationReader | undefined;
  /** The ecosystems whose files were fetched; all when absent. */
  #here: ReadonlySet<string> | undefined;

  constructor(database: PartialDatabase, { openPlace }: OpenDatabaseOptions = {}) {
    this.#database = database;
    this.#openPlace = openPlace;
    this.facts = factsOf(database.index);
    const { ecosystems } = database.origin;
    this.#here = ecosystems === undefined ? undefined : new Set(ecosystems);
  }

  /** The advisories of one ecosystem, or `undefined` when the database has none. Throws `DATABASE_CORRUPT`, `DATABASE_PARTIAL`. */
  shard(ecosystem: string): ShardReader | undefined {
    const known = this.#shards.get(ecosystem);
    if (known !== undefined) return known;
    const { folder, index } = this.#database;
    const shard = index.shards.find(({ facts }) => facts.ecosystem === ecosystem);
    if (shard === undefined) return undefined;
    if (this.#here?.has(ecosystem) === false) throw partial(this.#partial(), [ecosystem]);
    const opened = new ShardReader(join(folder, shard.file), { facts: shard.facts, decoder: this.#decoder });
    this.#shards.set(ecosystem, opened);
    return opened;
  }

  /**
   * Sees to it that the advisories of these ecosystems can be read, as far as the database has any, and says which had
   * to be fetched from where the database came from. Throws `DATABASE_PARTIAL` where that cannot be, and `DATABASE_CORRUPT`.
   */
  async complete(ecosystems: Iterable<string>, options: CompleteOptions = {}): Promise<readonly string[]> {
    const here = this.#here;
    if (here === undefined) return [];
    const named = new Set(this.facts.ecosystems.map(({ ecosystem }) => ecosystem));
    const missing = [...new Set(ecosystems)].filter((name) => named.has(name) && !here.has(name)).toSorted();
    if (missing.length === 0) return [];
    await fetchParts(this.#partial(), missing, { ...options, openPlace: this.#openPlace });
    this.#here = new Set([...(this.#here ?? []), ...missing]);
    return missing;
  }

  /**
   * What is known of the exploitation of the vulnerability that goes by these ids; nothing where the database was built
   * without. Throws `DATABASE_CORRUPT`.
   */
  exploitation(ids: readonly string[]): Exploitation {
    const { folder, index } = this.#database;
    const named = index.exploitation;
    if (named === undefined) return {};
    this.#exploitation ??= new ExploitationReader(join(folder, named.file), named);
    return this.#exploitation.find(ids);
  }

  // As it is now: what was fetched since it was opened is here.
  #partial(): PartialDatabase {
    const ecosystems = [...(this.#here ?? [])].toSorted();
    return { ...this.#database, origin: { ...this.#database.origin, ecosystems } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#exploitation?.close();
    this.#exploitation = undefined;
    for (const shard of this.#shards.values()) shard.close();
    this.#shards.clear();
    this.#decoder[Symbol.dispose]();
  }
}

/**
 * Opens the advisory database in a folder, for reading.
 *
 * Throws `DATABASE_MISSING`, `DATABASE_FOREIGN`, `DATABASE_NEWER`, `DATABASE_OUTGROWN` and `DATABASE_CORRUPT`; each says what to do.
 */
export async function openDatabase(path: string, options: OpenDatabaseOptions = {}): Promise<AdvisoryDatabase> {
  const folder = resolve(path);
  const { index, bytes } = await readIndexFile(folder);
  return new AdvisoryDatabase({ folder, index, bytes, origin: await readOrigin(folder, bytes) }, options);
}

/** What the database in a folder holds, as of when. Throws as `openDatabase` does; opens no ecosystem's file. */
export async function databaseStatus(path: string): Promise<DatabaseFacts> {
  await using database = await openDatabase(path);
  return database.facts;
}
