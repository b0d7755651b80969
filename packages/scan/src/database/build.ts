import { Buffer } from "node:buffer";
import { resolve } from "node:path";
import type { Call, Problem } from "@sc/model";
import type { DatabaseFacts } from "../database-facts.ts";
import type { ExploitationInputs } from "./exploitation-writer.ts";
import { createIndex, encodeIndex, factsOf, filesOf } from "./index-file.ts";
import { replaceDatabase } from "./replace.ts";

/** How a database is built. */
export interface BuildDatabaseOptions extends Call, ExploitationInputs {
  /** The folder that becomes the database; made if need be. */
  readonly output: string;
  /** When it is built, as the database will say. */
  readonly now: Date;
  /** How long to wait for another process that builds it; a minute by default. */
  readonly waitMilliseconds?: number;
}

/** What came of building a database. */
export interface BuildResult {
  readonly facts: DatabaseFacts;
  /** Records that were read, whether or not they could be used. */
  readonly records: number;
  /** Records that were taken back by those who made them. */
  readonly withdrawn: number;
  /** Records of an id that another, changed later or read earlier, has too. */
  readonly repeated: number;
  /** Packages of ecosystems that cannot be matched, by the ecosystem's name. */
  readonly unmatched: ReadonlyMap<string, number>;
  /** How many problems there were. */
  readonly problemCount: number;
  /** The first thousand of them. */
  readonly problems: readonly Problem[];
}

/**
 * Builds an advisory database from folders of advisories, zips as OSV exports them, and single files; each in the form of
 * one of the `feeds`: OSV in JSON or YAML, Alpine's secdb, Debian's tracker.
 *
 * It is built aside and then takes the place of the one before in one step: readers see the old one or the new one,
 * and when anything fails the old one stays. The files of the one before are kept until the next build, for readers
 * that still have them open. The same records give the same bytes, whatever their order, but for the time of building.
 *
 * Throws `ADVISORIES_UNREADABLE`, `ADVISORIES_NONE`, `DATABASE_BUSY`, `DATABASE_FOREIGN`, `DATABASE_NEWER`,
 * `DATABASE_UNWRITABLE`.
 */
export async function buildDatabase(inputs: readonly string[], options: BuildDatabaseOptions): Promise<BuildResult> {
  const folder = resolve(options.output);
  return await replaceDatabase(folder, options, async (aside) => {
    // Only builders need feeds, staging and writers: most programs that scan build no database.
    const { buildAside, writeExploitation } = await import("./build-aside.ts");
    const { shards, result } = await buildAside(inputs, aside, options);
    const exploitation = await writeExploitation(options, aside);
    const index = createIndex({ shards, ...(exploitation === undefined ? {} : { exploitation }) }, options.now);
    const files = filesOf(index).map(({ file }) => file);
    const value: BuildResult = { ...result, facts: factsOf(index) };
    return { bytes: Buffer.from(encodeIndex(index)), written: files, files, value };
  });
}
