import { Buffer } from "node:buffer";
import { createReadStream } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { zstdCompressSync } from "node:zlib";
import { type Call, createDigest, digestHex } from "@sc/model";
import { unknownTime } from "../advisory.ts";
import { compareTexts } from "../decimal.ts";
import type { EcosystemFacts } from "../database-facts.ts";
import { schemeCalled } from "../ecosystem.ts";
import type { VersionScheme } from "../version-scheme.ts";
import { compareEnds, encodeEnd, endOf } from "./bounded.ts";
import { type NamedFile, type Shard, shardFile } from "./index-file.ts";
import { advisoriesPerBlock, applicationId, databaseSchema, type PackedEntry, tables, unpackEntry } from "./layout.ts";
import type { StagedPackage, Staging } from "./staging.ts";

/** What the files of all ecosystems are written from and to. */
export interface WriteShardsOptions extends Call {
  readonly staging: Staging;
  /** The folder the files are written in; their names are those of their contents. */
  readonly folder: string;
}

/** How many packages are written in one turn of the event loop: some ten milliseconds of work. */
const packagesPerTurn = 256;

/** How many records are compressed in one turn: some ten milliseconds as well. */
const recordsPerTurn = 1024;

/**
 * Writes a file for each ecosystem, whole and on the disk. Advisories are numbered in the order of the packages that
 * they name, so that what one package needs lies together; the same advisories give the same bytes.
 */
export async function writeShards({ staging, folder, signal }: WriteShardsOptions): Promise<readonly Shard[]> {
  const ranks = staging.ranks();
  const shards: Shard[] = [];
  let content: ContentWriter | undefined;
  let packages = 0;
  const path = join(folder, "shard.sqlite");
  const finish = async (): Promise<void> => {
    if (content === undefined) return;
    const facts = await content.finish(staging, signal);
    shards.push(await nameShard(path, facts));
  };
  try {
    for (const staged of staging.packages(ranks)) {
      if (content?.ecosystem !== staged.ecosystem) {
        await finish();
        const { ecosystem } = staged;
        content = new ContentWriter(path, { ecosystem, records: ranks.length, readBinaries: staging.binariesReader() });
      }
      content.add(staged);
      packages += 1;
      if (packages % packagesPerTurn === 0) await setImmediate();
      signal?.throwIfAborted();
    }
    await finish();
    return shards;
  } finally {
    content?.close();
  }
}

async function nameShard(path: string, facts: Omit<EcosystemFacts, "digest" | "sizeBytes">): Promise<Shard> {
  const { file, ...named } = await nameFile(path, facts.ecosystem);
  return { file, facts: { ...facts, ...named } };
}

/** Gives a file that is written the name of its content, and puts it on the disk. */
export async function nameFile(path: string, name: string): Promise<NamedFile> {
  const digest = createDigest();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) digest.update(chunk);
  await using handle = await open(path, "r+");
  await handle.sync();
  const { size: sizeBytes } = await handle.stat();
  const named = digest.finish();
  const file = shardFile(name, digestHex(named));
  await rename(path, join(dirname(path), file));
  return { file, digest: named, sizeBytes };
}

interface ContentOptions {
  readonly ecosystem: string;
  /** How many records are staged. */
  readonly records: number;
  /** Reads a staged list of binary packages. */
  readonly readBinaries: (staged: number) => string;
}

/** The tables of one ecosystem's file, as they are filled. */
class ContentWriter {
  readonly ecosystem: string;
  readonly #file: DatabaseSync;
  readonly #insertName: StatementSync;
  readonly #insertEntries: StatementSync;
  /** The number of each staged record in this file, -1 where it has none. */
  readonly #numbers: Int32Array;
  /** The staged records, by their numbers in this file. */
  readonly #order: number[] = [];
  readonly #releases = new Set<string>();
  readonly #scheme: VersionScheme<unknown>;
  readonly #insertBinaries: StatementSync;
  readonly #readBinaries: (staged: number) => string;
  /** The numbers of lists of binary packages in this file, by those of the staged ones. */
  readonly #binaries = new Map<number, number>();
  #packages = 0;

  constructor(path: string, { ecosystem, records, readBinaries }: ContentOptions) {
    this.ecosystem = ecosystem;
    this.#readBinaries = readBinaries;
    this.#scheme = schemeCalled(ecosystem);
    this.#numbers = new Int32Array(records).fill(-1);
    this.#file = new DatabaseSync(path);
    this.#file.exec(`
      PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
      PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${databaseSchema};
      PRAGMA temp_store = FILE; ${tables} CREATE TEMP TABLE unsorted AS SELECT * FROM name; BEGIN`);
    this.#insertName = this.#file.prepare("INSERT INTO unsorted VALUES (?, ?, ?, ?, ?)");
    this.#insertEntries = this.#file.prepare("INSERT INTO package VALUES (?, ?, ?)");
    this.#insertBinaries = this.#file.prepare("INSERT INTO binaries VALUES (?, ?)");
  }

  add({ name, release, entries }: StagedPackage): void {
    const numbered = entries.map((entry) => this.#renumber(entry));
    const placed = entries.map((entry, index) => ({
      text: JSON.stringify(numbered[index]),
      end: endOf(unpackEntry(entry), this.#scheme),
    }));
    const bounded = placed
      .flatMap(({ text, end }) => (end === undefined ? [] : [{ text, end }]))
      .toSorted((left, right) => compareEnds(left.end, right.end, this.#scheme));
    const others = placed.filter(({ end }) => end === undefined);
    const [highest] = bounded;
    const end = highest === undefined ? null : encodeEnd(highest.end);
    this.#insertName.run(release, name, end, others.length === 0 ? 0 : 1, this.#packages);
    this.#insertEntries.run(this.#packages, joinTexts(bounded), joinTexts(others));
    this.#packages += 1;
    if (release !== "") this.#releases.add(release);
  }

  async finish(
    staging: Staging,
    signal: AbortSignal | undefined,
  ): Promise<Omit<EcosystemFacts, "digest" | "sizeBytes">> {
    const counts = await writeAdvisories(this.#file, { order: this.#order, staging, signal });
    // They come by name; sorted they leave no page half full.
    this.#file.exec("INSERT INTO name SELECT * FROM unsorted ORDER BY release, name; COMMIT");
    this.#file.close();
    return {
      ecosystem: this.ecosystem,
      ...counts,
      packages: this.#packages,
      releases: [...this.#releases].toSorted(compareTexts),
    };
  }

  close(): void {
    if (this.#file.isOpen) this.#file.close();
  }

  #renumber(entry: PackedEntry): readonly PackedEntry[number][] {
    const numbered = entry.with(0, this.#numberOf(entry[0]));
    const [, , , , , , binaries] = entry;
    return binaries === undefined ? numbered : numbered.with(6, this.#listOf(binaries));
  }

  #listOf(staged: number): number {
    const known = this.#binaries.get(staged);
    if (known !== undefined) return known;
    const number = this.#binaries.size;
    this.#binaries.set(staged, number);
    this.#insertBinaries.run(number, this.#readBinaries(staged));
    return number;
  }

  #numberOf(staged: number): number {
    const known = this.#numbers[staged];
    if (known !== undefined && known >= 0) return known;
    this.#numbers[staged] = this.#order.length;
    return this.#order.push(staged) - 1;
  }
}

function joinTexts(entries: readonly { readonly text: string }[]): string | null {
  return entries.length === 0 ? null : `[${entries.map(({ text }) => text).join(",")}]`;
}

type Counts = Pick<EcosystemFacts, "advisories" | "malicious" | "newest">;

interface AdvisoriesWritten extends Pick<Call, "signal"> {
  /** The staged records, by their numbers in the file. */
  readonly order: readonly number[];
  readonly staging: Staging;
}

async function writeAdvisories(file: DatabaseSync, { order, staging, signal }: AdvisoriesWritten): Promise<Counts> {
  const insert = file.prepare("INSERT INTO advisories VALUES (?, ?, ?)");
  const read = staging.recordReader();
  let newest: string | undefined;
  let malicious = 0;
  let block: string[] = [];
  for (const [number, staged] of order.entries()) {
    const record = read(staged);
    block.push(record.stored);
    if (block.length === advisoriesPerBlock || number === order.length - 1) {
      const bytes = Buffer.from(block.join("\n"));
      insert.run(Math.floor(number / advisoriesPerBlock), bytes.length, zstdCompressSync(bytes));
      block = [];
    }
    if (number % recordsPerTurn === recordsPerTurn - 1) {
      await setImmediate();
      signal?.throwIfAborted();
    }
    if (record.id.startsWith("MAL-")) malicious += 1;
    const modified = Date.parse(record.modified);
    if (modified > Date.parse(newest ?? unknownTime)) newest = record.modified;
  }
  return { advisories: order.length - malicious, malicious, ...(newest === undefined ? {} : { newest }) };
}
