import { open, stat } from "node:fs/promises";
import { describeSystemCode, ScError } from "@sc/model";
import type { FileRange } from "./source.ts";
import { tooLarge } from "./verified.ts";

/** Large enough that the cost of a chunk does not show, small enough for several layers at once. */
const chunkBytes = 1024 * 1024;

/** The bytes of a part of a file, in fresh chunks of up to 1 MiB. Throws `FILE_READ_FAILED`. */
export async function* readRange(range: FileRange, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const { path, offset, length } = range;
  const file = await open(path, "r").catch((cause: unknown) => {
    throw readFailed(path, cause);
  });
  try {
    let done = 0;
    while (done < length) {
      signal?.throwIfAborted();
      const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, length - done));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, offset + done).catch((cause: unknown) => {
        throw readFailed(path, cause);
      });
      if (bytesRead === 0) throw new ScError("FILE_READ_FAILED", `${path}: ends ${length - done} bytes too early`);
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** The whole of a small file. Throws `FILE_NOT_FOUND`, `FILE_READ_FAILED`, `BLOB_TOO_LARGE`. */
export async function readSmallFile(path: string, maxBytes: number): Promise<Uint8Array> {
  const range = await fileRange(path);
  if (range === undefined) throw new ScError("FILE_NOT_FOUND", `${path}: there is no such file`);
  if (range.length > maxBytes) throw tooLarge(path, `${range.length}`, maxBytes);
  const chunks: Uint8Array[] = [];
  for await (const chunk of readRange(range)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * The whole of a regular file as a range, or `undefined` when there is none by that name. Anything but a regular file
 * is refused: opening a pipe would wait for ever. Throws `FILE_READ_FAILED`.
 */
export async function fileRange(path: string): Promise<FileRange | undefined> {
  const found = await stat(path).catch((cause: unknown) => {
    if (isSystemError(cause, "ENOENT") || isSystemError(cause, "ENOTDIR")) return undefined;
    throw readFailed(path, cause);
  });
  if (found === undefined) return undefined;
  if (!found.isFile()) throw new ScError("FILE_READ_FAILED", `${path}: is not a regular file`);
  return { path, offset: 0, length: found.size };
}

/** Whether an error is the operating system's with the given code, such as ENOENT. */
export function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** The error for a file that could not be read. */
export function readFailed(path: string, cause: unknown): ScError {
  return new ScError("FILE_READ_FAILED", `${path}: cannot be read: ${reason(cause)}`, { cause });
}

/** The error for a file that could not be written; a full disk says so. */
export function writeFailed(path: string, cause: unknown): ScError {
  return new ScError("FILE_WRITE_FAILED", `${path}: cannot be written: ${reason(cause)}`, {
    cause,
    ...(isSystemError(cause, "ENOSPC")
      ? { hint: "Free room on this disk; nothing half-written was left behind." }
      : {}),
  });
}

function reason(cause: unknown): string {
  return cause instanceof Error && "code" in cause
    ? describeSystemCode(String(cause.code))
    : JSON.stringify(String(cause).slice(0, 160));
}
