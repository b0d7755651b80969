import { limits } from "../limits.ts";

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

/** The entries of a lock file of yarn 1: a line of patterns, and indented under it one field to a line. */
export function parseYarnLines(lines: readonly string[]): YarnRecord[] {
  const records: YarnRecord[] = [];
  let fields = new Map<string, string>();
  let dependencies: string[] = [];
  for (const line of lines) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (!line.startsWith(" ")) {
      // One more than is kept, so that what is left out is said.
      if (records.length > limits.maxRecords) break;
      fields = new Map();
      dependencies = [];
      const held = { fields, dependencies };
      records.push(recordOf(patternsOf(line), held));
    } else if (line.startsWith("    ")) {
      const [name, range] = fieldOf(line);
      if (dependencies.length < limits.maxNames) dependencies.push(`${name}@${range}`);
    } else {
      const [name, value] = fieldOf(line);
      fields.set(name, value);
    }
  }
  return records;
}

interface Held {
  readonly fields: ReadonlyMap<string, string>;
  readonly dependencies: readonly string[];
}

/** The fields are read when they are asked for: the lines that hold them come after the header. */
function recordOf(patterns: readonly string[], { fields, dependencies }: Held): YarnRecord {
  return {
    patterns,
    dependencies,
    get version() {
      return fields.get("version");
    },
    get resolved() {
      return fields.get("resolved");
    },
    get integrity() {
      return fields.get("integrity");
    },
  };
}

function patternsOf(line: string): string[] {
  const header = line.trimEnd().replace(/:$/, "");
  return header.split(/, ?/).map((pattern) => pattern.replace(/^"/, "").replace(/"$/, ""));
}

function fieldOf(line: string): readonly [string, string] {
  const match = /^("[^"]*"|\S+)\s+(.*)$/.exec(line.trim());
  return [(match?.[1] ?? "").replaceAll('"', ""), (match?.[2] ?? "").replaceAll('"', "")];
}
