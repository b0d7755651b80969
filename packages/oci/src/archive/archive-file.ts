import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Compression, compressionMagicBytes, decompress, detectCompression } from "@sc/archive";
import { type Call, ScError } from "@sc/model";
import { writeFileAtomically } from "../atomic-file.ts";
import { fileRange, readFailed, readRange } from "../file-range.ts";
import type { FileRange } from "../source.ts";
import { collect } from "../verified.ts";
import { indexTar, type TarIndex } from "./tar-index.ts";

/** An opened archive. */
export interface ArchiveFile extends AsyncDisposable {
  readonly index: TarIndex;
}

/**
 * The archive in a file. One that is compressed is unpacked into a temporary file first, since nothing can be found in
 * it otherwise. Throws `FILE_NOT_FOUND`, `ARCHIVE_INVALID`, and what the tar reader throws.
 */
export async function openArchiveFile(path: string, call: Call = {}): Promise<ArchiveFile> {
  const range = await fileRange(path);
  if (range === undefined) throw new ScError("FILE_NOT_FOUND", `${path}: there is no such file`);
  if (range.length === 0) throw new ScError("ARCHIVE_INVALID", `${path}: is empty`);
  if ((await detectFileCompression(range)) === "none") {
    return { index: await indexTar(path, call), [Symbol.asyncDispose]: async () => undefined };
  }
  const folder = await mkdtemp(join(tmpdir(), "sc-archive-"));
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const unpacked = join(folder, "archive.tar");
    const content = decompress(readRange(range, call.signal), { where: path, signal: call.signal });
    await writeFileAtomically(unpacked, content);
    return { index: await indexTar(unpacked, call), [Symbol.asyncDispose]: dispose };
  } catch (cause) {
    await dispose();
    throw cause;
  }
}

/** A small file of an archive, whole. Throws `ARCHIVE_INVALID` when there is none, `BLOB_TOO_LARGE`. */
export async function readMember(
  file: ArchiveFile,
  options: { readonly name: string; readonly where: string; readonly maxBytes: number },
): Promise<Uint8Array> {
  const { name, where, maxBytes } = options;
  const range = file.index.find(name);
  if (range === undefined)
    throw new ScError("ARCHIVE_INVALID", `${where}: holds no ${JSON.stringify(name.slice(0, 200))}`);
  return collect(readRange(range), { maxBytes, where: `${where}: ${JSON.stringify(name.slice(0, 200))}` });
}

const refused: readonly { readonly magic: string; readonly name: string; readonly command: string }[] = [
  { magic: "fd377a585a00", name: "xz", command: "xz -d" },
  { magic: "425a68", name: "bzip2", command: "bzip2 -d" },
  { magic: "504b0304", name: "zip", command: "unzip" },
];

/**
 * How a part of a file is compressed, by its first bytes. Throws `ARCHIVE_INVALID` for a compression that is not read
 * here, with the command that undoes it.
 */
export async function detectFileCompression(range: FileRange): Promise<Compression> {
  const first = await readFirst(range, Math.max(compressionMagicBytes, 6));
  const hex = first.toString("hex");
  const other = refused.find(({ magic }) => hex.startsWith(magic));
  if (other === undefined) return detectCompression(first);
  throw new ScError("ARCHIVE_INVALID", `${range.path}: is compressed with ${other.name}, which is not read here`, {
    hint: `Unpack it first with ${other.command}.`,
  });
}

async function readFirst(range: FileRange, length: number): Promise<Buffer> {
  const file = await open(range.path, "r").catch((cause: unknown) => {
    throw readFailed(range.path, cause);
  });
  try {
    const buffer = Buffer.alloc(Math.min(length, range.length));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, range.offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
