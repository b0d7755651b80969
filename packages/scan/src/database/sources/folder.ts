import { createReadStream } from "node:fs";
import { copyFile, readFile, rename, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ScError } from "@sc/model";
import { maxIndexBytes, maxSignatureBytes } from "../../limits.ts";
import { type DatabaseSource, signatureFileName, wireFile } from "../distribution.ts";
import { indexFileName } from "../layout.ts";
import { unwritable } from "../lock.ts";
import type { PackedFile } from "../pack.ts";

/** A folder of the files that a database is distributed as: what a mirror serves. */
export function openDatabaseFolder(folder: string): DatabaseSource {
  return {
    name: folder,
    place: { kind: "folder", at: resolve(folder) },
    fetchIndex: async () => {
      const bytes = await readBounded(join(folder, indexFileName), maxIndexBytes);
      if (bytes === undefined) throw unreachable(folder, `it has no ${indexFileName}`);
      const signature = await readBounded(join(folder, signatureFileName), maxSignatureBytes);
      return { bytes, ...(signature === undefined ? {} : { signature }) };
    },
    openShard: async (file) => {
      const path = join(folder, wireFile(file));
      const facts = await stat(path).catch(() => undefined);
      if (facts === undefined) throw unreachable(folder, `it has no ${wireFile(file)}`);
      return createReadStream(path, { highWaterMark: 1 << 20 });
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/**
 * Writes the files that a database is distributed as into a folder, for a web server to offer: the index last, so that
 * whoever fetches in the meantime gets the old one or the new one whole. Files of earlier databases are left for those
 * who are fetching them. Throws `DATABASE_UNWRITABLE`.
 */
export async function writeDatabaseFolder(folder: string, files: readonly PackedFile[]): Promise<void> {
  try {
    for (const { name, path } of files.toReversed()) {
      const temporary = join(folder, `.sc-${crypto.randomUUID()}.tmp`);
      await copyFile(path, temporary);
      await rename(temporary, join(folder, name));
    }
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

/** The error of a place that lacks a file or gives something else. */
export function unreachable(where: string, what: string, cause?: unknown): ScError {
  return new ScError("DATABASE_UNREACHABLE", `${where}: ${what}`, {
    ...(cause === undefined ? {} : { cause }),
    hint: "Name a place that sc db export or sc db push has written.",
  });
}

async function readBounded(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return undefined;
  if (!facts.isFile() || facts.size > maxBytes)
    throw unreachable(path, `${facts.size} bytes are more than ${maxBytes}`);
  return await readFile(path);
}
