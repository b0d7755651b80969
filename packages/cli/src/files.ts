import { randomBytes } from "node:crypto";
import { constants, copyFile, type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { describeSystemCode, ScError } from "@sc/model";

/** The content of a file the user named. Throws `FILE_MISSING` and `FILE_UNREADABLE`. */
export async function readUserFile(path: string, { maxBytes }: { readonly maxBytes: number }): Promise<Uint8Array> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size > maxBytes) throw tooLarge(path, `${size}`, maxBytes);
    return await readWhole(file, { path, size, maxBytes });
  } catch (cause) {
    throw fileError(path, cause);
  }
}

interface Reading {
  readonly path: string;
  /** What the file system says; 0 of pipes, which may be endless. */
  readonly size: number;
  readonly maxBytes: number;
}

// A pipe, or a file that grows, is read no further than one byte beyond the bound.
async function readWhole(file: FileHandle, { path, size, maxBytes }: Reading): Promise<Uint8Array> {
  let bytes = Buffer.allocUnsafe(Math.min(size, maxBytes) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length);
    if (bytesRead === 0) return bytes.subarray(0, length);
    length += bytesRead;
    if (length > maxBytes) throw tooLarge(path, `more than ${maxBytes}`, maxBytes);
    if (length === bytes.length) {
      const larger = Buffer.allocUnsafe(Math.min(Math.max(2 * length, 64 * 1024), maxBytes + 1));
      bytes.copy(larger);
      bytes = larger;
    }
  }
}

function tooLarge(path: string, got: string, maxBytes: number): ScError {
  return new ScError("FILE_UNREADABLE", `${JSON.stringify(path)}: ${got} bytes, wanted at most ${maxBytes}`);
}

function fileError(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error && "code" in cause && typeof cause.code === "string") || cause instanceof ScError)
    return cause;
  if (cause.code === "ENOENT")
    return new ScError("FILE_MISSING", `${JSON.stringify(path)}: there is no such file`, { cause });
  return new ScError("FILE_UNREADABLE", `${JSON.stringify(path)}: cannot be read: ${describeSystemCode(cause.code)}`, {
    cause,
  });
}

/** What may be said of how a file is written. */
export interface WriteUserFileOptions {
  /** Permission bits before the umask; 0644 unless said. */
  readonly mode?: number;
  /** Leaves a file that is there as it is. */
  readonly keepExisting?: boolean;
}

/**
 * Writes a result to a file, whole or not at all, and makes the directories above it. False only with `keepExisting`
 * where a file is there. Throws `FILE_UNWRITABLE`.
 */
export async function writeUserFile(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  options: WriteUserFileOptions = {},
): Promise<boolean> {
  const { mode = 0o644, keepExisting = false } = options;
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeWhole(temporary, content, mode);
    if (keepExisting) return await copyInto(temporary, path);
    await rename(temporary, path);
    return true;
  } catch (cause) {
    // Where the directory itself could not be made there is nothing to remove, and the first error is the one to tell.
    await rm(temporary, { force: true }).catch(() => {});
    if (!(cause instanceof Error && "code" in cause && "syscall" in cause)) throw cause;
    throw new ScError(
      "FILE_UNWRITABLE",
      `${JSON.stringify(path)}: cannot be written: ${describeSystemCode(String(cause.code))}`,
      {
        cause,
      },
    );
  }
}

// A copy that refuses what is there, since a rename replaces it and not every file system has links.
async function copyInto(temporary: string, path: string): Promise<boolean> {
  try {
    await copyFile(temporary, path, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeWhole(place: string, content: Uint8Array | AsyncIterable<Uint8Array>, mode: number): Promise<void> {
  await using file = await open(place, "wx", mode);
  if (content instanceof Uint8Array) await file.writeFile(content);
  else for await (const chunk of content) await file.writeFile(chunk);
  await file.sync();
}
