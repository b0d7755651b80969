import { link, open, readFile, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { ScError } from "@sc/model";
import { isSystemError, writeFailed } from "../file-range.ts";

/** Writers hold the lock for the time of reading and writing one small file. */
const patienceMilliseconds = 10_000;
const pauseMilliseconds = 15;

/**
 * Does something while no other process that asks the same does: a file beside the thing is the lock, made exclusively
 * and naming its process. One left behind by a process of this machine that is no more is removed. Throws
 * `LAYOUT_LOCKED` when it cannot be had within ten seconds.
 */
export async function withFileLock<Result>(
  path: string,
  action: () => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const mark = `${hostname()} ${process.pid} ${crypto.randomUUID()}\n`;
  const deadline = performance.now() + patienceMilliseconds;
  while (!(await tryLock(path, mark))) {
    signal?.throwIfAborted();
    if (await removeOrphan(path)) continue;
    if (performance.now() > deadline) {
      throw new ScError("LAYOUT_LOCKED", `${path}: another process has been writing for ten seconds`, {
        hint: "Wait for it, or delete the lock file when no process writes to this layout.",
        retryable: true,
      });
    }
    await wait(pauseMilliseconds + Math.random() * pauseMilliseconds, undefined, { ...(signal && { signal }) });
  }
  try {
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryLock(path: string, mark: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    try {
      await file.writeFile(mark);
    } finally {
      await file.close();
    }
    return true;
  } catch (cause) {
    if (isSystemError(cause, "EEXIST")) return false;
    throw writeFailed(path, cause);
  }
}

async function removeOrphan(path: string): Promise<boolean> {
  const mark = await readFile(path, "utf8").catch(() => "");
  const [host, pid] = mark.split(" ");
  if (host !== hostname() || pid === undefined || isAlive(Number(pid))) return false;
  // Of several that see the orphan only one moves it away; should it have been replaced meanwhile, it is put back.
  const aside = `${path}.${crypto.randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, "utf8")) !== mark) await link(aside, path);
  } catch {
    return false;
  } finally {
    await rm(aside, { force: true });
  }
  return true;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isSystemError(error, "ESRCH");
  }
}
