import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { decompress } from "@sc/archive";
import { type Call, createDigest, type Digest, isScError, ScError } from "@sc/model";
import type { DatabaseSource } from "./distribution.ts";
import type { NamedFile } from "./index-file.ts";

/** Whether a file is there and is, in full, the one that the index names. */
export async function isSound(path: string, { digest, sizeBytes }: NamedFile): Promise<boolean> {
  try {
    await using file = await open(path, "r");
    if ((await file.stat()).size !== sizeBytes) return false;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause) return false;
    throw cause;
  }
  return (await digestFile(path)) === digest;
}

async function digestFile(path: string): Promise<Digest> {
  const digest = createDigest();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) digest.update(chunk);
  return digest.finish();
}

/** How a file is fetched. */
export interface FetchShardOptions {
  readonly source: DatabaseSource;
  /** The folder that it is written in. */
  readonly aside: string;
  readonly call: Call;
}

/**
 * Fetches a file that the index names. The index is signed, so that its word bounds what is written: nothing larger,
 * nothing other. Throws `DATABASE_CORRUPT`, and what the source throws.
 */
export async function fetchShard(
  { file, of, ...facts }: NamedFile & { readonly of: string },
  { source, aside, call }: FetchShardOptions,
): Promise<void> {
  const { signal, onProgress } = call;
  onProgress?.({ type: "stage", subject: of, stage: "fetch", state: "start" });
  const where = `${source.name}: ${file}`;
  const wrong = (what: string, cause?: unknown): ScError =>
    new ScError("DATABASE_CORRUPT", `${where}: ${what}`, {
      ...(cause === undefined ? {} : { cause }),
      hint: "Try again, or fetch the database from another place.",
    });
  const digest = createDigest();
  let written = 0;
  await using target = await open(join(aside, file), "wx");
  const stream = await source.openShard(file, { signal });
  try {
    for await (const chunk of decompress(stream, { where, signal, reuseOutput: true })) {
      written += chunk.length;
      if (written > facts.sizeBytes) throw wrong(`more than the ${facts.sizeBytes} bytes that the index names`);
      digest.update(chunk);
      for (let at = 0; at < chunk.length;) at += (await target.write(chunk, at)).bytesWritten;
    }
  } catch (cause) {
    const isContent = isScError(cause) && (cause.code === "COMPRESSION_INVALID" || cause.code.startsWith("ARCHIVE_"));
    throw isContent ? wrong("what was fetched cannot be decompressed", cause) : cause;
  }
  if (written !== facts.sizeBytes) throw wrong(`${written} bytes instead of ${facts.sizeBytes}`);
  const got = digest.finish();
  if (got !== facts.digest) throw wrong(`has digest ${got}, the index names ${facts.digest}`);
  await target.sync();
  onProgress?.({ type: "stage", subject: of, stage: "fetch", state: "done" });
}
