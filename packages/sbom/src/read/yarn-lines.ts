import { limits } from "../limits.ts";
import { hasRoom } from "./cuts.ts";

/** One entry of a lock file of yarn. */
export interface YarnRecord {
  /** What was asked for: `name@range`, several when they came to the same. */
  readonly patterns: readonly string[];
  readonly version: string | undefined;
  readonly resolved: string | undefined;
  readonly integrity?: string | undefined;
  /** Patterns of what it depends on. */
  readonly dependencies: readonly string[];
  /** Set for yarn since version 2, where `resolved` is the resolution `name@protocol:…`. */
  readonly modern?: true;
}

/** An entry while its lines are read: the header, and then the fields that are of use. */
interface OpenRecord extends YarnRecord {
  version: string | undefined;
  resolved: string | undefined;
  integrity: string | undefined;
  readonly dependencies: string[];
}

/** The entries of a lock file of yarn 1: a line of patterns, and indented under it one field to a line. */
export function parseYarnLines(lines: readonly string[]): YarnRecord[] {
  const records: OpenRecord[] = [];
  let record: OpenRecord | undefined;
  for (const line of lines) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (!line.startsWith(" ")) {
      // One more than is kept, so that what is left out is said.
      if (records.length > limits.maxRecords) break;
      record = {
        patterns: patternsOf(line),
        version: undefined,
        resolved: undefined,
        integrity: undefined,
        dependencies: [],
      };
      records.push(record);
    } else if (record !== undefined) addField(line, record);
  }
  return records;
}

function addField(line: string, record: OpenRecord): void {
  const [name, value] = fieldOf(line);
  if (line.startsWith("    ")) {
    if (hasRoom(record.dependencies.length, limits.maxNames, "names that one package depends on")) {
      record.dependencies.push(`${name}@${value}`);
    }
  } else if (name === "version" || name === "resolved" || name === "integrity") record[name] = value;
}

function patternsOf(line: string): string[] {
  const header = line.trimEnd().replace(/:$/, "");
  return header.split(/, ?/).map((pattern) => pattern.replace(/^"/, "").replace(/"$/, ""));
}

function fieldOf(line: string): readonly [string, string] {
  const text = line.trim();
  const end = text.startsWith('"') ? text.indexOf('"', 1) + 1 : text.search(/\s/);
  if (end <= 0) return ["", ""];
  return [text.slice(0, end).replaceAll('"', ""), text.slice(end).trim().replaceAll('"', "")];
}
