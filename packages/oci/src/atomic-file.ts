import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isScError } from "@sc/model";
import { isSystemError, writeFailed } from "./file-range.ts";

/**
 * Writes a file so that under its name there is either what was or the whole of what is new, also after a crash: a
 * temporary file beside it, flushed, then renamed. When the content or the disk fails, nothing is left behind. Throws
 * `FILE_WRITE_FAILED`, or what the content throws.
 */
export async function writeFileAtomically(
  path: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.sc-${crypto.randomUUID()}.tmp`);
  try {
    await createFolder(folder);
    await writeFlushed(temporary, content);
    await rename(temporary, path);
    await flushFolder(folder);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw isScError(cause) || !isSystem(cause) ? cause : writeFailed(path, cause);
  }
}

/** Makes a folder and those above it, where they are not there yet. Throws `FILE_WRITE_FAILED`. */
export async function createFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: unknown) => {
    throw writeFailed(path, cause);
  });
}

async function writeFlushed(path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx");
  try {
    for await (const chunk of content) {
      let done = 0;
      while (done < chunk.length) done += (await file.write(chunk, done)).bytesWritten;
    }
    await file.datasync();
  } finally {
    await file.close();
  }
}

// The rename itself is durable only when the folder is flushed; not every system lets a folder be opened.
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (cause) {
    if (!isSystemError(cause, "EINVAL")) throw cause;
  } finally {
    await handle.close();
  }
}

function isSystem(cause: unknown): boolean {
  return cause instanceof Error && "syscall" in cause;
}
