import { join, resolve } from "node:path";
import type { DatabaseFacts } from "../database-facts.ts";
import { type DatabaseIndex, factsOf, readIndex } from "./index-file.ts";
import { ShardReader } from "./shard-reader.ts";

/**
 * An open advisory database: immutable, so that it may be read while another process builds the next one.
 *
 * An ecosystem's file is opened when it is first asked for, and never when it is not.
 */
export class AdvisoryDatabase implements AsyncDisposable {
  readonly facts: DatabaseFacts;
  readonly #index: DatabaseIndex;
  readonly #folder: string;
  readonly #shards = new Map<string, ShardReader>();

  constructor(folder: string, index: DatabaseIndex) {
    this.#folder = folder;
    this.#index = index;
    this.facts = factsOf(index);
  }

  /** The advisories of one ecosystem, or `undefined` when the database has none. Throws `DATABASE_CORRUPT`. */
  shard(ecosystem: string): ShardReader | undefined {
    const known = this.#shards.get(ecosystem);
    if (known !== undefined) return known;
    const shard = this.#index.shards.find(({ facts }) => facts.ecosystem === ecosystem);
    if (shard === undefined) return undefined;
    const opened = new ShardReader(join(this.#folder, shard.file), shard.facts);
    this.#shards.set(ecosystem, opened);
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const shard of this.#shards.values()) shard.close();
    this.#shards.clear();
  }
}

/**
 * Opens the advisory database in a folder, for reading.
 *
 * Throws `DATABASE_MISSING`, `DATABASE_FOREIGN`, `DATABASE_NEWER` and `DATABASE_CORRUPT`; each says what to do.
 */
export async function openDatabase(path: string): Promise<AdvisoryDatabase> {
  const folder = resolve(path);
  return new AdvisoryDatabase(folder, await readIndex(folder));
}

/** What the database in a folder holds, as of when. Throws as `openDatabase` does; opens no ecosystem's file. */
export async function databaseStatus(path: string): Promise<DatabaseFacts> {
  await using database = await openDatabase(path);
  return database.facts;
}
