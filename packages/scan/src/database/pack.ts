import { Buffer } from "node:buffer";
import { createReadStream } from "node:fs";
import { copyFile, link, open, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createZstdCompress } from "node:zlib";
import { type Call, createDigest, type Digest, digestOf, ScError } from "@sc/model";
import { signatureFileName, wireFile } from "./distribution.ts";
import { indexFileName } from "./layout.ts";
import type { LockOptions } from "./lock.ts";
import { type DatabaseIndex, filesOf, readIndexFile } from "./index-file.ts";
import { readOrigin, type DatabaseOrigin } from "./origin.ts";
import { withSnapshot } from "./replace.ts";

/** One file of a database as it is distributed. */
export interface PackedFile {
  readonly name: string;
  /** Where it lies while the work lasts. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly digest: Digest;
  /** What it is: the index, its signature, or an ecosystem's advisories. */
  readonly kind: "index" | "signature" | "shard";
}

/** How a database is packed. */
export interface PackDatabaseOptions extends Call, Pick<LockOptions, "waitMilliseconds"> {
  /** The Sigstore bundle over the index; the one that is kept with the database when not given. */
  readonly signature?: Uint8Array | undefined;
}

/** The bytes of the index of the database in a folder, to be signed, and what is known of its origin. */
export async function readSignable(
  path: string,
): Promise<{ readonly bytes: Uint8Array; readonly origin: DatabaseOrigin }> {
  const folder = resolve(path);
  const { bytes } = await readIndexFile(folder);
  return { bytes, origin: await readOrigin(folder, bytes) };
}

/**
 * Makes the files that a database is distributed as, for as long as the work with them lasts: the index first, then its
 * signature, then the ecosystems' files, compressed. The same database gives the same files. It is locked only while its
 * files are given second names: meanwhile it may be replaced.
 *
 * Throws `DATABASE_UNSIGNED` where there is no signature to give with it, `DATABASE_PARTIAL`, `DATABASE_MISSING`,
 * `DATABASE_CORRUPT`, `DATABASE_BUSY`, `DATABASE_UNWRITABLE`, and what `give` throws.
 */
export async function packDatabase<Value>(
  path: string,
  options: PackDatabaseOptions,
  give: (files: readonly PackedFile[]) => Promise<Value>,
): Promise<Value> {
  const folder = resolve(path);
  const prepare = async (aside: string): Promise<SignedDatabase> => {
    const { index, bytes } = await readIndexFile(folder);
    const origin = await readOrigin(folder, bytes);
    const signature = options.signature ?? (origin.signature === undefined ? undefined : Buffer.from(origin.signature));
    if (signature === undefined) throw unsigned(folder);
    if (origin.ecosystems !== undefined) throw partial(folder);
    for (const { file } of filesOf(index)) await linkFile(join(folder, file), join(aside, file));
    return { index, bytes, signature };
  };
  const work = async (aside: string, { index, bytes, signature }: SignedDatabase): Promise<Value> => {
    const files = [
      await writePacked(join(aside, indexFileName), bytes, "index"),
      await writePacked(join(aside, signatureFileName), signature, "signature"),
    ];
    for (const { file, of, ...facts } of filesOf(index)) {
      options.onProgress?.({ type: "stage", subject: of, stage: "pack", state: "start" });
      files.push(await compress(join(aside, file), join(aside, wireFile(file)), { facts, signal: options.signal }));
      options.onProgress?.({ type: "stage", subject: of, stage: "pack", state: "done" });
    }
    return await give(files);
  };
  return await withSnapshot(folder, options, { prepare, work });
}

interface SignedDatabase {
  readonly index: DatabaseIndex;
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
}

// Files of a database never change: a second name keeps one when the database is replaced.
async function linkFile(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    // Not every file system has them.
    await copyFile(from, to);
  }
}

function unsigned(folder: string): ScError {
  return new ScError("DATABASE_UNSIGNED", `${folder}: the advisory database is not signed`, {
    hint: "Sign it: give --key PRIVATE-KEY or --keyless.",
  });
}

function partial(folder: string): ScError {
  return new ScError(
    "DATABASE_PARTIAL",
    `${folder}: the advisory database was fetched in part and cannot be given on`,
    {
      hint: "Fetch the rest with: sc db update --ecosystem all",
    },
  );
}

async function writePacked(path: string, bytes: Uint8Array, kind: PackedFile["kind"]): Promise<PackedFile> {
  await writeFile(path, bytes);
  const name = basename(path);
  return { name, path, sizeBytes: bytes.length, digest: digestOf(bytes), kind };
}

interface CompressOptions {
  readonly facts: { readonly digest: Digest };
  readonly signal: AbortSignal | undefined;
}

// What is read is checked on the way: a damaged file is not given on.
async function compress(from: string, to: string, { facts, signal }: CompressOptions): Promise<PackedFile> {
  const [content, packed] = [createDigest(), createDigest()];
  let sizeBytes = 0;
  await using target = await open(to, "wx");
  await pipeline(
    createReadStream(from, { highWaterMark: 1 << 20 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        content.update(chunk);
        yield chunk;
      }
    },
    createZstdCompress(),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        packed.update(chunk);
        sizeBytes += chunk.length;
        for (let at = 0; at < chunk.length;) at += (await target.write(chunk, at)).bytesWritten;
      }
    },
    signal === undefined ? {} : { signal },
  );
  const got = content.finish();
  if (got !== facts.digest) {
    throw new ScError("DATABASE_CORRUPT", `${from}: has digest ${got}, the index names ${facts.digest}`, {
      hint: "Build or fetch the database again.",
    });
  }
  return { name: basename(to), path: to, sizeBytes, digest: packed.finish(), kind: "shard" };
}
