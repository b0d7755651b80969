import { join, resolve } from "node:path";
import { ScError } from "@sc/model";
import type { DatabaseFacts } from "../database-facts.ts";
import { type Exploitation, ExploitationReader } from "./exploitation-reader.ts";
import { type DatabaseIndex, factsOf, readIndexFile } from "./index-file.ts";
import { readOrigin } from "./origin.ts";
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
  #exploitation: ExploitationReader | undefined;

  /** The ecosystems whose files were asked for when it was fetched; all when absent. */
  readonly #chosen: readonly string[] | undefined;

  constructor(folder: string, index: DatabaseIndex, chosen?: readonly string[]) {
    this.#folder = folder;
    this.#index = index;
    this.#chosen = chosen;
    this.facts = factsOf(index);
  }

  /** The advisories of one ecosystem, or `undefined` when the database has none. Throws `DATABASE_CORRUPT`, `DATABASE_PARTIAL`. */
  shard(ecosystem: string): ShardReader | undefined {
    const known = this.#shards.get(ecosystem);
    if (known !== undefined) return known;
    const shard = this.#index.shards.find(({ facts }) => facts.ecosystem === ecosystem);
    if (shard === undefined) return undefined;
    if (this.#chosen?.includes(ecosystem) === false) {
      throw new ScError(
        "DATABASE_PARTIAL",
        `the advisory database was fetched without the advisories of ${ecosystem}`,
        {
          hint: `Fetch them with: sc db update --ecosystem ${JSON.stringify(ecosystem)}, or all with --ecosystem all`,
          facts: { looked: this.#folder },
        },
      );
    }
    const opened = new ShardReader(join(this.#folder, shard.file), shard.facts);
    this.#shards.set(ecosystem, opened);
    return opened;
  }

  /**
   * What is known of the exploitation of the vulnerability that goes by these ids; nothing where the database was built
   * without. Throws `DATABASE_CORRUPT`.
   */
  exploitation(ids: readonly string[]): Exploitation {
    const named = this.#index.exploitation;
    if (named === undefined) return {};
    this.#exploitation ??= new ExploitationReader(join(this.#folder, named.file), named);
    return this.#exploitation.find(ids);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#exploitation?.close();
    this.#exploitation = undefined;
    for (const shard of this.#shards.values()) shard.close();
    this.#shards.clear();
  }
}

/**
 * Opens the advisory database in a folder, for reading.
 *
 * Throws `DATABASE_MISSING`, `DATABASE_FOREIGN`, `DATABASE_NEWER`, `DATABASE_OUTGROWN` and `DATABASE_CORRUPT`; each says what to do.
 */
export async function openDatabase(path: string): Promise<AdvisoryDatabase> {
  const folder = resolve(path);
  const { index, bytes } = await readIndexFile(folder);
  const { ecosystems } = await readOrigin(folder, bytes);
  return new AdvisoryDatabase(folder, index, ecosystems);
}

/** What the database in a folder holds, as of when. Throws as `openDatabase` does; opens no ecosystem's file. */
export async function databaseStatus(path: string): Promise<DatabaseFacts> {
  await using database = await openDatabase(path);
  return database.facts;
}
