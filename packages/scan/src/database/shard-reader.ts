import { Buffer } from "node:buffer";
import { statSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { FrameDecoder } from "@sc/archive";
import { isScError, ScError } from "@sc/model";
import type { InstalledVersion } from "../affected.ts";
import type { EcosystemFacts } from "../database-facts.ts";
import { decodeEnd, endOf, isPast } from "./bounded.ts";
import { rebuildHint } from "./index-file.ts";
import {
  advisoriesPerBlock,
  type AffectedEntry,
  applicationId,
  databaseSchema,
  type PackedEntry,
  type StoredAdvisory,
  unpackEntry,
} from "./layout.ts";

const noBytes = Buffer.alloc(0);
const maxBlockBytes = 64 * 1024 * 1024;

/** What a file is read with. */
export interface ShardReaderOptions {
  readonly facts: EcosystemFacts;
  /** One for all files of a database. */
  readonly decoder: FrameDecoder;
}

/** One ecosystem's advisories, read from its file. Not for use by two callers at once beyond one event-loop turn. */
export class ShardReader {
  readonly facts: EcosystemFacts;
  readonly #path: string;
  readonly #file: DatabaseSync;
  readonly #name: StatementSync;
  /** Whether there are advisories without a release; most distributions have none, and every package would be asked for. */
  readonly #hasUnreleased: boolean;
  readonly #statements = new Map<string, StatementSync>();
  readonly #lists = new Map<number, ReadonlySet<string>>();
  readonly #decoder: FrameDecoder;

  constructor(path: string, { facts, decoder }: ShardReaderOptions) {
    this.#path = path;
    this.facts = facts;
    this.#decoder = decoder;
    this.#file = this.#guard(() => openImmutable(path, facts));
    this.#name = this.#guard(() =>
      prepare(this.#file, "SELECT highest, others, package FROM name WHERE release = ? AND name = ?"),
    );
    this.#hasUnreleased = this.#guard(
      () => readRow(prepare(this.#file, "SELECT 1 FROM name WHERE release = '' LIMIT 1")) !== undefined,
    );
  }

  /**
   * What the advisories say of the package of this name in this release, the release empty where there is none; but for
   * entries whose whole span lies below the version, which are left out unread.
   */
  affected(release: string, name: string, installed: InstalledVersion): readonly AffectedEntry[] {
    return this.#guard(() => {
      if (release === "" && !this.#hasUnreleased) return [];
      const row = readRow(this.#name, release, name);
      if (row === undefined) return [];
      // Most packages are past the highest end, and texts that nobody reads cost the most.
      const [highest, others, number] = row;
      const entries =
        others === 0
          ? []
          : readPacked(this.#column("SELECT others FROM package WHERE number = ?", number)).map(unpackEntry);
      if (typeof highest === "string" && !isPast(decodeEnd(highest), installed)) {
        for (const packed of readPacked(this.#column("SELECT bounded FROM package WHERE number = ?", number))) {
          const entry = unpackEntry(packed);
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

  /** The advisories of these numbers, by number. Each block is decompressed once: neighbours lie together. */
  advisories(numbers: Iterable<number>): ReadonlyMap<number, StoredAdvisory> {
    return this.#guard(() => {
      const read = new Map<number, StoredAdvisory>();
      let last = -1;
      let bytes: Buffer = noBytes;
      for (const number of [...new Set(numbers)].toSorted((left, right) => left - right)) {
        const block = Math.floor(number / advisoriesPerBlock);
        if (block !== last) bytes = this.#block(block);
        last = block;
        const advisory: StoredAdvisory = JSON.parse(lineOf(bytes, number % advisoriesPerBlock));
        read.set(number, advisory);
      }
      return read;
    });
  }

  // Valid until the next block is read.
  #block(number: number): Buffer {
    const row = readRow(this.#statement("SELECT size, data FROM advisories WHERE block = ?"), number);
    const [size, data] = row ?? [];
    if (typeof size !== "number" || size > maxBlockBytes || !(data instanceof Uint8Array)) {
      throw new TypeError("a block is missing");
    }
    return this.#decoder.decode(data, size);
  }

  #column(query: string, number: SQLOutputValue | undefined): SQLOutputValue | undefined {
    return readRow(this.#statement(query), number ?? null)?.[0];
  }

  // Most packages need none but their name: the others are prepared when first asked for.
  #statement(query: string): StatementSync {
    let statement = this.#statements.get(query);
    if (statement === undefined) {
      statement = prepare(this.#file, query);
      this.#statements.set(query, statement);
    }
    return statement;
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
      if (isScError(cause) && cause.code.startsWith("DATABASE_")) throw cause;
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

function readPacked(value: SQLOutputValue | undefined): readonly PackedEntry[] {
  const entries: readonly PackedEntry[] = JSON.parse(textOf(value));
  return entries;
}

// One advisory a line: only the one that is asked for is read.
function lineOf(block: Buffer, line: number): string {
  let start = 0;
  for (let passed = 0; passed < line; passed += 1) {
    start = block.indexOf(10, start) + 1;
    if (start === 0) throw new TypeError("an advisory is missing");
  }
  const end = block.indexOf(10, start);
  return block.toString("utf8", start, end === -1 ? block.length : end);
}

function textOf(value: SQLOutputValue | undefined): string {
  if (typeof value !== "string") throw new TypeError("a row is missing");
  return value;
}
