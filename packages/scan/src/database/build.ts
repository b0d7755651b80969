import { Buffer } from "node:buffer";
import { join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type Call, formatCount, type Problem, ScError } from "@sc/model";
import type { DatabaseFacts } from "../database-facts.ts";
import type { AdvisoryFeed, FeedRecord } from "../feed.ts";
import { maxProblemsKept, maxRecordBytes } from "../limits.ts";
import { type ExploitationInputs, writeExploitation } from "./exploitation-writer.ts";
import { createIndex, encodeIndex, factsOf, filesOf, type Shard } from "./index-file.ts";
import { type OversizeFile, readRecordFiles, type RecordFile } from "./inputs.ts";
import { replaceDatabase } from "./replace.ts";
import { writeShards } from "./shard-writer.ts";
import { Staging } from "./staging.ts";

/** How many files of advisories are read in one turn of the event loop: some ten milliseconds of work. */
const filesPerTurn = 64;

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
    const { shards, result } = await buildAside(inputs, aside, options);
    const exploitation = await writeExploitation(options, aside);
    const index = createIndex({ shards, ...(exploitation === undefined ? {} : { exploitation }) }, options.now);
    const files = filesOf(index).map(({ file }) => file);
    const value: BuildResult = { ...result, facts: factsOf(index) };
    return { bytes: Buffer.from(encodeIndex(index)), written: files, files, value };
  });
}

type Tally = Omit<BuildResult, "facts">;

async function buildAside(
  inputs: readonly string[],
  aside: string,
  { signal, onProgress }: Call,
): Promise<{ readonly shards: readonly Shard[]; readonly result: Tally }> {
  // Only builders need the feeds: the calculator of severities takes longer to load than a scan to match.
  const { feeds } = await import("../feeds/index.ts");
  using staging = new Staging(join(aside, "staging.sqlite"));
  const tally = createTally();
  const reading = beginStage("read", inputs, onProgress);
  let files = 0;
  for await (const file of readRecordFiles(inputs)) {
    takeFile(file, { staging, tally, feeds });
    files += 1;
    // Files are read without waiting: now and then the rest of the program has its turn, such as who presses Ctrl-C.
    if (files % filesPerTurn === 0) await setImmediate();
    signal?.throwIfAborted();
  }
  staging.finish();
  reading(`${formatCount(tally.records, "record")} in ${formatCount(files, "file")}`);
  const writing = beginStage("write", inputs, onProgress);
  const shards = await writeShards({ staging, folder: aside, signal });
  writing(formatCount(shards.length, "ecosystem"));
  if (shards.length === 0) throw nothingBuilt(tally);
  return { shards, result: tally };
}

/** Tells that a stage begins; what is returned tells that it ended, and what came of it. */
function beginStage(
  stage: string,
  inputs: readonly string[],
  onProgress: Call["onProgress"],
): (detail: string) => void {
  const subject = inputs.join(", ");
  const began = performance.now();
  onProgress?.({ type: "stage", subject, stage, state: "start" });
  return (detail) => {
    const milliseconds = Math.round(performance.now() - began);
    onProgress?.({ type: "stage", subject, stage, state: "done", milliseconds, detail });
  };
}

interface OpenTally {
  records: number;
  withdrawn: number;
  repeated: number;
  problemCount: number;
  readonly problems: Problem[];
  readonly unmatched: Map<string, number>;
}

function createTally(): OpenTally {
  return { records: 0, withdrawn: 0, repeated: 0, problemCount: 0, problems: [], unmatched: new Map() };
}

interface TakeOptions {
  readonly staging: Staging;
  readonly tally: OpenTally;
  readonly feeds: readonly AdvisoryFeed[];
}

function takeFile(file: RecordFile | OversizeFile, options: TakeOptions): void {
  if ("start" in file) {
    const feed = options.feeds.find(({ recognizes }) => recognizes(file.start));
    for (const record of feed?.read(file) ?? []) take(record, options);
    return;
  }
  options.tally.records += 1;
  const message = `the record has ${file.sizeBytes} bytes, more than ${maxRecordBytes}`;
  note(options.tally, { kind: "problem", code: "ADVISORY_TOO_LARGE", message, path: file.where });
}

function take({ advisory, unmatched, problems, part }: FeedRecord, { staging, tally }: TakeOptions): void {
  tally.records += 1;
  for (const problem of problems) note(tally, problem);
  for (const name of unmatched) tally.unmatched.set(name, (tally.unmatched.get(name) ?? 0) + 1);
  if (advisory === undefined) return;
  // What was taken back is added without packages, so that an earlier form of it does not stay.
  const isWithdrawn = advisory.withdrawn !== undefined;
  if (isWithdrawn) tally.withdrawn += 1;
  if (!staging.add(isWithdrawn ? { ...advisory, affected: [] } : advisory, part)) tally.repeated += 1;
}

function note(tally: OpenTally, problem: Problem): void {
  tally.problemCount += 1;
  if (tally.problems.length < maxProblemsKept) tally.problems.push(problem);
}

function nothingBuilt(tally: Tally): ScError {
  const [first] = tally.problems;
  return new ScError("ADVISORIES_NONE", `${tally.records} records were read, and none can be matched`, {
    hint: "Name a folder of OSV records or an all.zip of OSV's export.",
    facts: {
      withdrawn: String(tally.withdrawn),
      problems: String(tally.problemCount),
      ...(first === undefined ? {} : { first: first.message }),
    },
  });
}
