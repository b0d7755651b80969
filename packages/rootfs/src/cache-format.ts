import { Buffer } from "node:buffer";
import { Decoder, type Digest, parseJson, type Problem } from "@sc/model";
import { type EntryLog, EntryLogReader } from "./entry-log.ts";
import type { LayerRecord, LinkedFact, RecordedFact, RecordedProblem } from "./layer-record.ts";

const where = "layer cache";

/** A layer's record as bytes: the length of the JSON part, the JSON part, the log. */
export function encodeLayerRecord({ log, ...rest }: LayerRecord): Uint8Array {
  const json = Buffer.from(JSON.stringify(rest));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, ...log]);
}

/** The record that bytes hold, checked to be one of the given layer. Throws what says why not. */
export function decodeLayerRecord(bytes: Uint8Array, digest: Digest): LayerRecord {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const jsonEnd = 4 + buffer.readUInt32LE(0);
  const root = new Decoder(parseJson(buffer.subarray(4, jsonEnd), where), where);
  const log = [new Uint8Array(buffer.subarray(jsonEnd))];
  const entries = root.member("entries").count();
  const whiteouts = root.member("whiteouts").count();
  if (root.member("digest").digest() !== digest) throw root.wrong(`the record of ${digest}`);
  if (countLog(log) !== entries) throw root.wrong(`a log of ${entries} entries`);
  const index = (decoder: Decoder): number => {
    const value = decoder.count();
    if (value >= entries) throw decoder.wrong(`an entry below ${entries}`);
    return value;
  };
  const contentDigest = root.member("contentDigest").optional((present) => present.digest());
  return {
    digest,
    ...(contentDigest === undefined ? {} : { contentDigest }),
    log,
    entries,
    whiteouts,
    facts: root
      .member("facts")
      .array()
      .map((fact) => decodeFact(fact, index)),
    problems: root
      .member("problems")
      .array()
      .map((problem) => decodeRecordedProblem(problem, index)),
    links: root
      .member("links")
      .array()
      .map((link) => {
        const [from, to] = link.array();
        if (from === undefined || to === undefined) throw link.wrong("two entries");
        return [index(from), index(to)];
      }),
  };
}

/** Facts of a second pass as bytes. */
export function encodeLinkedFacts(facts: readonly LinkedFact[]): Uint8Array {
  return Buffer.from(JSON.stringify(facts));
}

/** The facts of a second pass that bytes hold. Throws what says why not. */
export function decodeLinkedFacts(bytes: Uint8Array): readonly LinkedFact[] {
  const facts = new Decoder(parseJson(bytes, where), where).array();
  return facts.map((fact) => ({
    path: fact.member("path").string(),
    reader: fact.member("reader").string(),
    value: fact.member("value").value,
  }));
}

function decodeFact(fact: Decoder, index: (decoder: Decoder) => number): RecordedFact {
  const value: unknown = fact.member("value").value;
  return { entry: index(fact.member("entry")), reader: fact.member("reader").string(), value };
}

function decodeRecordedProblem(recorded: Decoder, index: (decoder: Decoder) => number): RecordedProblem {
  const entry = recorded.member("entry").optional(index);
  const problem = decodeProblem(recorded.member("problem"));
  return entry === undefined ? { problem } : { entry, problem };
}

function decodeProblem(problem: Decoder): Problem {
  const path = problem.member("path").optional((present) => present.string());
  const layer = problem.member("layer").optional((present) => present.digest());
  const cataloger = problem.member("cataloger").optional((present) => present.string());
  const incomplete = problem.member("incomplete").optional((present) => present.boolean());
  return {
    kind: "problem",
    code: problem.member("code").string(),
    message: problem.member("message").string(),
    ...(path === undefined ? {} : { path }),
    ...(layer === undefined ? {} : { layer }),
    ...(cataloger === undefined ? {} : { cataloger }),
    ...(incomplete === true ? { incomplete } : {}),
  };
}

function countLog(log: EntryLog): number {
  let entries = 0;
  for (const reader = new EntryLogReader(log); reader.next();) entries++;
  return entries;
}
