import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type Call, formatCount, type Problem, ScError } from "@sc/model";
import type { FeedRecord } from "../feed.ts";
import { feeds } from "../feeds/index.ts";
import { maxProblemsKept, maxRecordBytes } from "../limits.ts";
import type { BuildResult } from "./build.ts";
import type { Shard } from "./index-file.ts";
import { type OversizeFile, readRecordFiles, type RecordFile } from "./inputs.ts";
import { writeShards } from "./shard-writer.ts";
import { Staging } from "./staging.ts";

export { writeExploitation } from "./exploitation-writer.ts";

/** How many files of advisories are read in one turn of the event loop: some ten milliseconds of work. */
const filesPerTurn = 64;

type Tally = Omit<BuildResult, "facts">;

/** Reads every record of the inputs and writes the shards into a folder. Throws `ADVISORIES_UNREADABLE`, `ADVISORIES_NONE`. */
export async function buildAside(
  inputs: readonly string[],
  aside: string,
  { signal, onProgress }: Call,
): Promise<{ readonly shards: readonly Shard[]; readonly result: Tally }> {
  using staging = new Staging(join(aside, "staging.sqlite"));
  const tally = createTally();
  const reading = beginStage("read", inputs, onProgress);
  let files = 0;
  for await (const file of readRecordFiles(inputs)) {
    takeFile(file, { staging, tally });
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
}

function takeFile(file: RecordFile | OversizeFile, options: TakeOptions): void {
  if ("start" in file) {
    const feed = feeds.find(({ recognizes }) => recognizes(file.start));
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
