import { rename } from "node:fs/promises";
import { join } from "node:path";
import { type Call, isScError, ScError } from "@sc/model";
import type { DatabasePlace, DatabaseSource } from "./distribution.ts";
import { fetchShard, isSound } from "./fetch-shard.ts";
import { type DatabaseIndex, filesOf } from "./index-file.ts";
import type { LockOptions } from "./lock.ts";
import { type DatabaseOrigin, readOrigin } from "./origin.ts";
import { placeOrigin, withStaging } from "./replace.ts";

/** How parts that were not fetched are. */
export interface CompleteOptions extends Call, Pick<LockOptions, "waitMilliseconds"> {}

/** Opens a place that a database was fetched from; `undefined` where nobody is to be asked. */
export type OpenPlace = (place: DatabasePlace, call: Call) => Promise<DatabaseSource | undefined>;

/** A database that was fetched in part, as it was when it was opened. */
export interface PartialDatabase {
  readonly folder: string;
  readonly index: DatabaseIndex;
  /** The index's bytes, whose signature was verified when they were taken over. */
  readonly bytes: Uint8Array;
  readonly origin: DatabaseOrigin;
}

/**
 * Fetches parts of a database that it was fetched without, from the place it came from: the files that its own index
 * names and nothing else, each checked in full. The index stays; readers are not disturbed, and of several processes one
 * fetches. The database may have been replaced meanwhile: then the files serve those who read the one before.
 *
 * Throws `DATABASE_PARTIAL` with the command that fetches them where that cannot be done here, and `DATABASE_CORRUPT`
 * where the place gives something else.
 */
export async function fetchParts(
  { folder, index, bytes, origin }: PartialDatabase,
  ecosystems: readonly string[],
  { openPlace, ...options }: CompleteOptions & { readonly openPlace: OpenPlace | undefined },
): Promise<void> {
  const { place } = origin;
  const lacking = (why?: ScError): ScError => partial({ folder, index, bytes, origin }, ecosystems, why);
  // Only an index whose signature was verified may say what is fetched.
  if (openPlace === undefined || place === undefined || origin.signature === undefined) throw lacking();
  try {
    await withStaging(folder, options, async (aside) => {
      const files = filesOf(index).filter(({ of }) => ecosystems.includes(of));
      const missing = [];
      // What another process has fetched meanwhile is here.
      for (const file of files) if (!(await isSound(join(folder, file.file), file))) missing.push(file);
      if (missing.length > 0) {
        await using source = await openPlace(place, options);
        if (source === undefined) throw lacking();
        for (const file of missing) {
          await fetchShard(file, { source, aside, call: options });
          await rename(join(aside, file.file), join(folder, file.file));
        }
      }
      const current = await readOrigin(folder, bytes);
      if (current.ecosystems === undefined) return;
      const here = [...new Set([...current.ecosystems, ...ecosystems])].toSorted();
      await placeOrigin(aside, folder, { bytes, origin: { ...current, ecosystems: here } });
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isScError(error) || error.code === "DATABASE_CORRUPT" || error.code === "DATABASE_PARTIAL") throw error;
    throw lacking(error);
  }
}

/** The error of a database that lacks what is needed, with the command that fetches it and keeps what is here. */
export function partial(
  { folder, origin: { place, ecosystems = [] } }: PartialDatabase,
  lacking: readonly string[],
  cause?: ScError,
): ScError {
  const names = lacking.map((name) => JSON.stringify(name.slice(0, 100))).join(", ");
  const why = cause === undefined ? "" : `, and they cannot be fetched now: ${cause.message}`;
  const chosen = [...new Set([...ecosystems, ...lacking])].toSorted();
  const options = chosen.map((name) => `--ecosystem ${/\s/.test(name) ? JSON.stringify(name) : name}`).join(" ");
  return new ScError("DATABASE_PARTIAL", `the advisory database was fetched without the advisories of ${names}${why}`, {
    ...(cause === undefined ? {} : { cause, retryable: cause.retryable === true }),
    hint: `Fetch them with: ${commandFor(place)} --key PUBLIC-KEY ${options}`,
    facts: { looked: folder },
  });
}

function commandFor(place: DatabasePlace | undefined): string {
  if (place?.kind === "artifact") return `sc db pull ${place.at}`;
  if (place?.kind === "folder" || place?.kind === "export") return `sc db import ${place.at}`;
  return `sc db update --mirror ${place?.at ?? "URL"}`;
}
