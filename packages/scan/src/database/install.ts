import { Buffer } from "node:buffer";
import { join, resolve } from "node:path";
import { type Call, nearest, ScError } from "@sc/model";
import type { DatabaseFacts } from "../database-facts.ts";
import type { DatabaseSource } from "./distribution.ts";
import { fetchShard, isSound } from "./fetch-shard.ts";
import { decodeIndexBytes, exploitationName, factsOf, filesOf, type Shard } from "./index-file.ts";
import type { DatabaseOrigin } from "./origin.ts";
import { type CurrentDatabase, replaceDatabase, type Replacement } from "./replace.ts";

/** An index whose signature was verified by whoever calls. */
export interface VerifiedIndex {
  readonly bytes: Uint8Array;
  /** What is kept of its origin: signature, signer, source. */
  readonly origin: Omit<DatabaseOrigin, "ecosystems">;
}

/** How a database is installed. */
export interface InstallDatabaseOptions extends Call {
  /** The folder that becomes the database; made if need be. */
  readonly output: string;
  /** The ecosystems whose files are wanted; `undefined` for those that were wanted before, `all` for all. */
  readonly ecosystems?: readonly string[] | undefined;
  /** How long to wait for another process that changes it; a minute by default. */
  readonly waitMilliseconds?: number | undefined;
}

/** What came of installing a database. */
export interface InstalledDatabase {
  readonly facts: DatabaseFacts;
  /** Set when it was there already, whole. */
  readonly unchanged: boolean;
  /** Ecosystems whose files were fetched. */
  readonly fetched: readonly string[];
  /** Ecosystems whose files were here already. */
  readonly kept: readonly string[];
}

/**
 * Installs the database of a verified index: fetches the files that are wanted and not here, checks each against the
 * index in full before it is used, and replaces the database in one step. When anything fails the one before stays.
 *
 * A database older than the one that is here is refused, for an old one is still signed. Throws `DATABASE_OLDER`,
 * `DATABASE_CORRUPT`, `DATABASE_NEWER`, `DATABASE_FOREIGN`, `DATABASE_BUSY`, `DATABASE_UNWRITABLE`,
 * `ECOSYSTEM_UNKNOWN`, and what the source throws.
 */
export async function installDatabase(
  verified: VerifiedIndex,
  source: DatabaseSource,
  options: InstallDatabaseOptions & { readonly before?: readonly string[] | undefined },
): Promise<InstalledDatabase> {
  const folder = resolve(options.output);
  const index = decodeIndexBytes(verified.bytes, source.name);
  const wanted = chooseEcosystems(options.ecosystems ?? options.before, index.shards);
  const facts = factsOf(index);
  return await replaceDatabase(folder, options, async (aside, current) => {
    checkOrder(index.built, current, source.name);
    const [fetched, kept, written]: [string[], string[], string[]] = [[], [], []];
    for (const file of filesOf(index)) {
      // What is exploited is small, and wanted with every ecosystem.
      if (wanted !== undefined && !wanted.has(file.of) && file.of !== exploitationName) continue;
      if (await isSound(join(folder, file.file), file)) kept.push(file.of);
      else {
        await fetchShard(file, { source, aside, call: options });
        fetched.push(file.of);
        written.push(file.file);
      }
    }
    const isSame = current !== undefined && Buffer.from(current.bytes).equals(verified.bytes);
    const value = { facts, unchanged: isSame && fetched.length === 0, fetched, kept };
    const origin = { ...verified.origin, ...(wanted === undefined ? {} : { ecosystems: [...wanted].toSorted() }) };
    const replacement: Replacement<InstalledDatabase> = {
      bytes: verified.bytes,
      written,
      files: filesOf(index).map(({ file }) => file),
      origin,
      value,
    };
    return replacement;
  });
}

function chooseEcosystems(
  asked: readonly string[] | undefined,
  shards: readonly Shard[],
): ReadonlySet<string> | undefined {
  if (asked === undefined || asked.includes("all")) return undefined;
  const names = shards.map(({ facts }) => facts.ecosystem);
  for (const name of asked) {
    if (names.includes(name)) continue;
    const near = nearest(name, names);
    throw new ScError("ECOSYSTEM_UNKNOWN", `the database has no ecosystem ${JSON.stringify(name.slice(0, 100))}`, {
      hint: near === undefined ? `Name one of ${names.slice(0, 20).join(", ")}.` : `Did you mean ${near}?`,
    });
  }
  return new Set(asked);
}

function checkOrder(built: string, current: CurrentDatabase | undefined, where: string): void {
  if (current === undefined || Date.parse(built) >= Date.parse(current.index.built)) return;
  throw new ScError(
    "DATABASE_OLDER",
    `${where}: the database is of ${built}, the one that is here of ${current.index.built}`,
    {
      hint: "Give --db another folder if the older one is wanted all the same.",
    },
  );
}
