import { Buffer } from "node:buffer";
import { createReadStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { openFileAccess, packTar, type RandomAccess, TarReader, type TarWriterEntry } from "@sc/archive";
import { isScError, ScError } from "@sc/model";
import { maxExportEntries, maxIndexBytes, maxSignatureBytes } from "../../limits.ts";
import { type DatabaseSource, signatureFileName, wireFile } from "../distribution.ts";
import { indexFileName } from "../layout.ts";
import type { PackedFile } from "../pack.ts";
import { unreachable } from "./folder.ts";

/**
 * Writes the files that a database is distributed as into one file, a tar: under its name stands the whole of it or
 * what was. Throws `DATABASE_UNWRITABLE`.
 */
export async function writeExportFile(path: string, files: readonly PackedFile[]): Promise<void> {
  const target = resolve(path);
  const temporary = join(dirname(target), `.sc-${crypto.randomUUID()}.tmp`);
  const entries = files.map(({ name, path: from, sizeBytes }): TarWriterEntry => ({
    path: name,
    type: "file",
    content: { size: sizeBytes, chunks: createReadStream(from, { highWaterMark: 1 << 20 }) },
  }));
  try {
    await using file = await open(temporary, "wx");
    for await (const chunk of packTar(entries)) {
      for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
    }
    await file.sync();
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true });
    if (isScError(cause)) throw cause;
    throw new ScError("DATABASE_UNWRITABLE", `${target}: the export cannot be written`, {
      cause,
      hint: "Choose a folder that this user may write and that has room.",
    });
  }
}

/** A file that `writeExportFile` wrote. Throws `DATABASE_UNREACHABLE`, `DATABASE_FOREIGN`. */
export async function openExportFile(path: string): Promise<DatabaseSource> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) throw unreachable(path, "there is no such file");
  if (!facts.isFile()) throw foreign(path);
  const places = findEntries(path);
  const read = async (name: string, maxBytes: number): Promise<Uint8Array | undefined> => {
    const place = places.get(name);
    if (place === undefined) return undefined;
    if (place.size > maxBytes) throw unreachable(path, `${name} has ${place.size} bytes, more than ${maxBytes}`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of openRange(path, place)) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  return {
    name: path,
    place: { kind: "export", at: resolve(path) },
    fetchIndex: async () => {
      const bytes = await read(indexFileName, maxIndexBytes);
      if (bytes === undefined) throw foreign(path);
      const signature = await read(signatureFileName, maxSignatureBytes);
      return { bytes, ...(signature === undefined ? {} : { signature }) };
    },
    openShard: async (file) => {
      const place = places.get(wireFile(file));
      if (place === undefined) throw unreachable(path, `it has no ${wireFile(file)}`);
      return openRange(path, place);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

interface Place {
  readonly offset: number;
  readonly size: number;
}

function openRange(path: string, { offset, size }: Place): AsyncIterable<Uint8Array> {
  if (size === 0) return emptyBytes();
  return createReadStream(path, { start: offset, end: offset + size - 1, highWaterMark: 1 << 20 });
}

async function* emptyBytes(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array();
}

const blockBytes = 512;

// Only headers are read: what an entry holds is passed over, and read where it is wanted.
function findEntries(path: string): ReadonlyMap<string, Place> {
  using file = openFileAccess(path);
  const places = new Map<string, Place>();
  try {
    for (let at = 0; at < file.size;) {
      const found = findEntry(file, at, path);
      if (found === undefined) return places;
      const { name, place } = found;
      if (places.has(name) || places.size >= maxExportEntries || place.offset + place.size > file.size) {
        throw foreign(path);
      }
      places.set(name, place);
      at = place.offset + Math.ceil(place.size / blockBytes) * blockBytes;
    }
  } catch (cause) {
    throw isScError(cause) && cause.code.startsWith("TAR_") ? foreign(path, cause) : cause;
  }
  return places;
}

function findEntry(
  file: RandomAccess,
  start: number,
  path: string,
): { readonly name: string; readonly place: Place } | undefined {
  let found: { readonly name: string; readonly size: number } | undefined;
  const visitor = {
    entry: ({ path: name, type, size, sparse }: { path: string; type: string; size: number; sparse?: true }) => {
      if (type !== "file" || sparse === true) throw foreign(path);
      found = { name, size };
      return false;
    },
    content: () => false,
    contentEnd: () => undefined,
  };
  const reader = new TarReader(visitor, { where: path });
  for (let at = start; at < file.size; at += blockBytes) {
    reader.push(file.readAt(at, blockBytes));
    if (found !== undefined) return { name: found.name, place: { offset: at + blockBytes, size: found.size } };
  }
  reader.end();
  return undefined;
}

function foreign(path: string, cause?: unknown): ScError {
  return new ScError("DATABASE_FOREIGN", `${path}: this is not an advisory database that sc db export wrote`, {
    ...(cause === undefined ? {} : { cause }),
    hint: "Name the file that sc db export wrote, whole.",
  });
}
