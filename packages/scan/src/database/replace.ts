import { mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Call, hasCode, isScError } from "@sc/model";
import { type DatabaseIndex, filesOf, isShardFile, readIndexFile } from "./index-file.ts";
import { indexFileName } from "./layout.ts";
import { type LockOptions, openDatabaseLock, unwritable, withDatabaseLock } from "./lock.ts";
import { type DatabaseOrigin, encodeOrigin, isOriginFile, originFile } from "./origin.ts";

/** A database as it stands in a folder. */
export interface CurrentDatabase {
  readonly index: DatabaseIndex;
  /** The bytes of its index. */
  readonly bytes: Uint8Array;
}

/** What takes the place of a database. */
export interface Replacement<Value> {
  /** The bytes of the new index. */
  readonly bytes: Uint8Array;
  /** Files that were written aside, by name; those that the index names besides must be in the folder already. */
  readonly written: readonly string[];
  /** Every file that the new index names. */
  readonly files: readonly string[];
  readonly origin?: DatabaseOrigin;
  readonly value: Value;
}

/** How a database is replaced. */
export interface ReplaceOptions extends LockOptions, Pick<Call, "signal"> {}

const stagingPrefix = "staging-";
const packingPrefix = "packing-";

/**
 * Replaces the database in a folder by what `prepare` writes aside, in one step: the renaming of the index. Readers see
 * the old one or the new one, and when anything fails the old one stays. The files of the one before are kept until the
 * next time, for readers that have yet to open them. One process at a time does it.
 *
 * `prepare` may give nothing: then nothing changes. Throws `DATABASE_BUSY`, `DATABASE_FOREIGN`, `DATABASE_NEWER`,
 * `DATABASE_UNWRITABLE`, and what `prepare` throws.
 */
export async function replaceDatabase<Value>(
  folder: string,
  options: ReplaceOptions,
  prepare: (aside: string, current: CurrentDatabase | undefined) => Promise<Replacement<Value> | Value>,
): Promise<Value> {
  return await withStaging(folder, options, async (aside) => {
    const current = await readCurrent(folder);
    const prepared = await prepare(aside, current);
    if (!isReplacement(prepared)) return prepared;
    const { bytes, written, files, origin, value } = prepared;
    // From here on it is replaced: a run that was told to stop until now has written nothing, one after it everything.
    options.signal?.throwIfAborted();
    for (const file of written) await rename(join(aside, file), join(folder, file));
    if (origin !== undefined) await placeOrigin(aside, folder, { bytes, origin });
    await placeFile(aside, folder, indexFileName, bytes);
    const before = current === undefined ? [] : namesOf(current);
    await removeOthers(folder, new Set([...before, ...files, originFile(bytes)]));
    return value;
  });
}

/**
 * Does work with a folder for files that are on their way, below the database's own and gone afterwards, while no other
 * process changes the database. Throws `DATABASE_BUSY`, `DATABASE_UNWRITABLE`.
 */
export async function withStaging<Value>(
  folder: string,
  options: ReplaceOptions,
  work: (aside: string) => Promise<Value>,
): Promise<Value> {
  return await withDatabaseLock(folder, options, async () => {
    await removeStaging(folder);
    await removePacking(folder);
    const aside = await mkdtemp(join(folder, stagingPrefix));
    try {
      return await work(aside);
    } catch (cause) {
      throw isScError(cause) || options.signal?.aborted === true ? cause : unwritable(folder, cause);
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  });
}

/**
 * Does work with a folder of its own below the database's, gone afterwards, which `prepare` fills while no other process
 * changes the database; the work itself may last, and the database be replaced meanwhile. Throws `DATABASE_BUSY`,
 * `DATABASE_UNWRITABLE`.
 */
export async function withSnapshot<State, Value>(
  folder: string,
  options: ReplaceOptions,
  steps: {
    readonly prepare: (aside: string) => Promise<State>;
    readonly work: (aside: string, state: State) => Promise<Value>;
  },
): Promise<Value> {
  const begun = await withDatabaseLock(folder, options, async () => {
    await removePacking(folder);
    const aside = await mkdtemp(join(folder, packingPrefix));
    // Tells whoever finds the folder that it is in use; the lock goes with its process.
    return { aside, held: await openDatabaseLock(aside, {}) };
  });
  const { aside, held } = begun;
  try {
    const state = await withDatabaseLock(folder, options, async () => await steps.prepare(aside));
    return await steps.work(aside, state);
  } catch (cause) {
    throw isScError(cause) || options.signal?.aborted === true ? cause : unwritable(folder, cause);
  } finally {
    await rm(aside, { recursive: true, force: true });
    held[Symbol.dispose]();
  }
}

/** Writes the origin of the database with this index, in one step. */
export async function writeOrigin(folder: string, index: Uint8Array, origin: DatabaseOrigin): Promise<void> {
  await withStaging(folder, {}, async (aside) => {
    await placeOrigin(aside, folder, { bytes: index, origin });
  });
}

/** The same by whoever has a place for files on their way, and so the lock. */
export async function placeOrigin(
  aside: string,
  folder: string,
  { bytes, origin }: { readonly bytes: Uint8Array; readonly origin: DatabaseOrigin },
): Promise<void> {
  await placeFile(aside, folder, originFile(bytes), encodeOrigin(origin, bytes));
}

// Of such a database nothing is worth keeping.
const worthless: ReadonlySet<string> = new Set(["DATABASE_MISSING", "DATABASE_CORRUPT", "DATABASE_OUTGROWN"]);

/** The database in a folder; `undefined` where there is none, or one that is damaged or of an earlier layout. */
export async function readCurrent(folder: string): Promise<CurrentDatabase | undefined> {
  try {
    return await readIndexFile(folder);
  } catch (cause) {
    if (isScError(cause) && worthless.has(cause.code)) return undefined;
    throw cause;
  }
}

function isReplacement<Value>(prepared: Replacement<Value> | Value): prepared is Replacement<Value> {
  return typeof prepared === "object" && prepared !== null && "written" in prepared;
}

function namesOf({ index, bytes }: CurrentDatabase): readonly string[] {
  return [...filesOf(index).map(({ file }) => file), originFile(bytes)];
}

async function placeFile(aside: string, folder: string, name: string, content: string | Uint8Array): Promise<void> {
  await writeFile(join(aside, name), content, { flush: true });
  await rename(join(aside, name), join(folder, name));
}

async function removeStaging(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(stagingPrefix)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

// Of processes that died: what another still works with is locked.
async function removePacking(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(packingPrefix)) continue;
    const path = join(folder, name);
    try {
      await withDatabaseLock(path, { waitMilliseconds: 0 }, async () => {
        await rm(path, { recursive: true, force: true });
      });
    } catch (cause) {
      if (!hasCode(cause, "DATABASE_BUSY")) throw cause;
    }
  }
}

async function removeOthers(folder: string, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder)) {
    if ((isShardFile(name) || isOriginFile(name)) && !kept.has(name)) await rm(join(folder, name), { force: true });
  }
}
