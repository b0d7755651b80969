import { type Connection, openDatabase } from "@sc/pipeline";
import { type AdvisoryDatabase, ageOf, expired } from "@sc/scan";
import type { ActionContext } from "./command.ts";
import { databaseDirectory } from "./places.ts";
import { formatAge } from "./terminal/quantity.ts";

/**
 * The advisory database that the options name; parts that it was fetched without are fetched where they are needed,
 * unless the options say otherwise. Throws what `openDatabase` throws.
 */
export async function openNamedDatabase(context: ActionContext, connection: Connection): Promise<AdvisoryDatabase> {
  const { values, signal } = context;
  const fetching = values.flag("skip-db-update") ? {} : { connection };
  return await openDatabase(databaseDirectory(context), { signal, ...fetching });
}

/**
 * The same to scan with. One that is old is warned of; where `--max-db-age` says how
 * old it may be, an older one is refused. Throws `DATABASE_EXPIRED`, and what `openDatabase` throws.
 */
export async function openScanDatabase(context: ActionContext, connection: Connection): Promise<AdvisoryDatabase> {
  const { values, onProgress } = context;
  const maxAgeMilliseconds = values.milliseconds("max-db-age");
  const database = await openNamedDatabase(context, connection);
  const age = ageOf(database.facts, { now: context.now(), maxAgeMilliseconds });
  if (!age.expired) return database;
  if (maxAgeMilliseconds !== undefined) {
    await database[Symbol.asyncDispose]();
    throw expired(database.facts);
  }
  const message = `the advisory database is ${formatAge(age.milliseconds)} old: what was published since is not found`;
  onProgress({ type: "notice", level: "warning", code: "DATABASE_OLD", message });
  return database;
}
