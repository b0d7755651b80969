import { statSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { zstdDecompressSync } from "node:zlib";
import { isScError, ScError } from "@sc/model";
import type { InstalledVersion } from "../affected.ts";
import type { EcosystemFacts } from "../database-facts.ts";
import { type End, endOf, isPast } from "./bounded.ts";
import { rebuildHint } from "./index-file.ts";
import {
  advisoriesPerBlock,
  type AdvisoryDescription,
  type AdvisoryHead,
  type AffectedEntry,
  applicationId,
  databaseSchema,
  type PackedEntry,
  unpackEntry,
} from "./layout.ts";

const maxBlockBytes = 64 * 1024 * 1024;

/** One ecosystem's advisories, read from its file. Not for use by two callers at once beyond one event-loop turn. */
export class ShardReader {
  readonly facts: EcosystemFacts;
  readonly #path: string;
  readonly #file: DatabaseSync;
  readonly #package: StatementSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #lists = new Map<number, ReadonlySet<string>>();
  #block: { readonly number: number; readonly bytes: Buffer } | undefined;

  constructor(path: string, facts: EcosystemFacts) {
    this.#path = path;
    this.facts = facts;
    this.#file = this.#guard(() => openImmutable(path, facts));
    // Without the entries by their ends: most packages are past the highest, and texts that nobody reads cost the most.
    this.#package = this.#guard(() =>
      prepare(this.#file, "SELECT number, highest, others FROM package WHERE name = ? AND release = ?"),
    );
  }

  /**
   * What the advisories say of the package of this name in this release, the release empty where there is none; but for
   * entries whose whole span lies below the version, which are left out unread.
   */
  affected(release: string, name: string, installed: InstalledVersion): readonly AffectedEntry[] {
    return this.#guard(() => {
      const row = readRow(this.#package, name, release);
      if (row === undefined) return [];
      const [number, highest, others] = row;
      const entries = readEntries(others);
      if (typeof highest === "string" && !isPast(readEnd(highest), installed)) {
        for (const entry of readEntries(this.#column("SELECT bounded FROM package WHERE number = ?", number))) {
          const end = endOf(entry, installed.scheme);
          if (end !== undefined && isPast(end, installed)) break;
          entries.push(entry);
        }
      }
      return entries;
    });
  }

  /** Whether the list of binary packages of this number has this name. */
  listsBinary(list: number, name: string): boolean {
    return this.#guard(() => {
      let names = this.#lists.get(list);
      if (names === undefined) {
        const listed: readonly string[] = JSON.parse(
          textOf(this.#column("SELECT names FROM binaries WHERE number = ?", list)),
        );
        names = new Set(listed);
        this.#lists.set(list, names);
      }
      return names.has(name);
    });
  }

  /** The advisory of this number, as much as grouping and rating need. */
  head(advisory: number): AdvisoryHead {
    return this.#guard(() => {
      const head: AdvisoryHead = JSON.parse(
        textOf(this.#column("SELECT head FROM advisory WHERE number = ?", advisory)),
      );
      return head;
    });
  }

  /** The advisory's texts. Asking in the order of the numbers is cheapest: neighbours lie together. */
  description(advisory: number): AdvisoryDescription {
    return this.#guard(() => {
      const number = Math.floor(advisory / advisoriesPerBlock);
      if (this.#block?.number !== number) {
        this.#block = {
          number,
          bytes: readBlock(this.#column("SELECT data FROM description WHERE block = ?", number)),
        };
      }
      const description: AdvisoryDescription = JSON.parse(lineOf(this.#block.bytes, advisory % advisoriesPerBlock));
      return description;
    });
  }

  // One column of the row of that number. Most packages need none of them: prepared when first asked for.
  #column(query: string, number: SQLOutputValue | undefined): SQLOutputValue | undefined {
    let statement = this.#statements.get(query);
    if (statement === undefined) {
      statement = prepare(this.#file, query);
      this.#statements.set(query, statement);
    }
    return readRow(statement, number ?? null)?.[0];
  }

  /** Gives the file back. */
  close(): void {
    this.#file.close();
  }

  // Whatever goes wrong while reading a file that this program wrote, the file is not what it was.
  #guard<Value>(read: () => Value): Value {
    try {
      return read();
    } catch (cause) {
      if (isScError(cause)) throw cause;
      throw corrupt(this.#path, cause instanceof Error ? cause.message : "it cannot be read", cause);
    }
  }
}

/** Opens a file of the database, which nobody changes. Throws `DATABASE_CORRUPT`. */
export function openImmutable(path: string, facts: Pick<EcosystemFacts, "sizeBytes">): DatabaseSync {
  const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size;
  if (sizeBytes !== facts.sizeBytes) {
    throw corrupt(path, sizeBytes === undefined ? "it is missing" : `${sizeBytes} bytes instead of ${facts.sizeBytes}`);
  }
  const url = pathToFileURL(path);
  url.search = "mode=ro&immutable=1";
  const file = new DatabaseSync(url, { readOnly: true });
  const application = file.prepare("PRAGMA application_id").get()?.["application_id"];
  const schema = file.prepare("PRAGMA user_version").get()?.["user_version"];
  if (application === applicationId && schema === databaseSchema) return file;
  file.close();
  throw corrupt(path, "it is not a file of an advisory database");
}

function corrupt(path: string, what: string, cause?: unknown): ScError {
  return new ScError("DATABASE_CORRUPT", `${path}: the advisory database is damaged: ${JSON.stringify(what)}`, {
    ...(cause === undefined ? {} : { cause }),
    hint: rebuildHint,
  });
}

// Rows as arrays: an object with a name for each column costs as much again.
function prepare(file: DatabaseSync, query: string): StatementSync {
  const statement = file.prepare(query);
  statement.setReturnArrays(true);
  return statement;
}

function readRow(statement: StatementSync, ...parameters: SQLInputValue[]): readonly SQLOutputValue[] | undefined {
  const row: unknown = statement.get(...parameters);
  return isRow(row) ? row : undefined;
}

function isRow(row: unknown): row is readonly SQLOutputValue[] {
  return Array.isArray(row);
}

function readEntries(value: SQLOutputValue | undefined): AffectedEntry[] {
  if (value === null) return [];
  const entries: readonly PackedEntry[] = JSON.parse(textOf(value));
  return entries.map(unpackEntry);
}

function readEnd(text: string): End {
  const end: End = JSON.parse(text);
  return end;
}

function readBlock(data: SQLOutputValue | undefined): Buffer {
  if (!(data instanceof Uint8Array)) throw new TypeError("a block is missing");
  return zstdDecompressSync(data, { maxOutputLength: maxBlockBytes });
}

// One description a line: only the one that is asked for is read.
function lineOf(block: Buffer, line: number): string {
  let start = 0;
  for (let passed = 0; passed < line; passed += 1) {
    start = block.indexOf(10, start) + 1;
    if (start === 0) throw new TypeError("a description is missing");
  }
  const end = block.indexOf(10, start);
  return block.toString("utf8", start, end === -1 ? block.length : end);
}

function textOf(value: SQLOutputValue | undefined): string {
  if (typeof value !== "string") throw new TypeError("a row is missing");
  return value;
}
