import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { ScError } from "@sc/model";

const lockFileName = "build.lock";
const pollMilliseconds = 50;

/** How long to wait for another builder. */
export interface LockOptions {
  readonly waitMilliseconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does work that changes the database in a folder while no other process of this machine does; the folder is made if
 * need be.
 *
 * The lock is one of the operating system, held through SQLite on a file of its own: it goes when its process does, and
 * readers never ask for it. Throws `DATABASE_BUSY` after waiting, `DATABASE_UNWRITABLE`, and what the work throws.
 */
export async function withDatabaseLock<Value>(
  folder: string,
  options: LockOptions,
  work: () => Promise<Value>,
): Promise<Value> {
  const held = await openDatabaseLock(folder, options);
  try {
    return await work();
  } finally {
    held[Symbol.dispose]();
  }
}

/** The lock of a folder, held until it is disposed of. Throws as `withDatabaseLock` does. */
export async function openDatabaseLock(folder: string, options: LockOptions): Promise<Disposable> {
  const file = await openLockFile(folder);
  try {
    await lock(file, folder, options);
  } catch (cause) {
    file.close();
    throw cause;
  }
  return { [Symbol.dispose]: () => file.close() };
}

async function lock(file: DatabaseSync, folder: string, options: LockOptions): Promise<void> {
  const { waitMilliseconds = 60_000, signal } = options;
  for (let waited = 0; !tryLock(file, folder); waited += pollMilliseconds) {
    if (waited >= waitMilliseconds) throw busy(folder);
    await setTimeout(pollMilliseconds);
    signal?.throwIfAborted();
  }
}

function tryLock(file: DatabaseSync, folder: string): boolean {
  try {
    file.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (cause) {
    if (isBusy(cause)) return false;
    throw unwritable(folder, cause);
  }
}

async function openLockFile(folder: string): Promise<DatabaseSync> {
  try {
    await mkdir(folder, { recursive: true });
    return new DatabaseSync(join(folder, lockFileName), { timeout: 0 });
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

function isBusy(cause: unknown): boolean {
  // SQLITE_BUSY and its extended codes.
  return (
    cause instanceof Error && "errcode" in cause && typeof cause.errcode === "number" && (cause.errcode & 255) === 5
  );
}

function busy(folder: string): ScError {
  return new ScError("DATABASE_BUSY", `${folder}: another process is building this advisory database`, {
    hint: "Wait for it to end, then try again.",
    retryable: true,
  });
}

/** The error of a folder that cannot be written. */
export function unwritable(folder: string, cause: unknown): ScError {
  return new ScError("DATABASE_UNWRITABLE", `${folder}: the advisory database cannot be written`, {
    cause,
    hint: "Choose a folder that this user may write and that has room.",
    facts: cause instanceof Error ? { answered: cause.message } : {},
  });
}
