import { createReadStream } from "node:fs";
import { open, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { zstdCompressSync } from "node:zlib";
import { createDigest, digestHex } from "@sc/model";
import type { EcosystemFacts } from "../database-facts.ts";
import { type Shard, shardFile } from "./index-file.ts";
import { advisoriesPerBlock, applicationId, databaseSchema, indexes, tables } from "./layout.ts";
import type { Staging } from "./staging.ts";

/** What the files of all ecosystems are written from and to. */
export interface WriteShardOptions {
  readonly staging: Staging;
  readonly ranks: Int32Array;
  /** The folder the file is written in; its name is that of its content. */
  readonly folder: string;
}

/**
 * Writes the file of one ecosystem, whole and on the disk. Advisories are numbered in the order of the packages that
 * they name, so that what one package needs lies together; the same advisories give the same bytes.
 */
export async function writeShard(ecosystem: string, options: WriteShardOptions): Promise<Shard> {
  const { folder } = options;
  const path = join(folder, "shard.sqlite");
  const content = writeContent(path, ecosystem, options);
  const digest = createDigest();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) digest.update(chunk);
  await using handle = await open(path, "r+");
  await handle.sync();
  const { size: sizeBytes } = await stat(path);
  const named = digest.finish();
  const file = shardFile(ecosystem, digestHex(named));
  await rename(path, join(folder, file));
  return { file, facts: { ecosystem, ...content, digest: named, sizeBytes } };
}

type Content = Pick<EcosystemFacts, "advisories" | "malicious" | "packages" | "releases" | "newest">;

function writeContent(path: string, ecosystem: string, { staging, ranks }: WriteShardOptions): Content {
  const file = new DatabaseSync(path);
  try {
    file.exec(`
      PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
      PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${databaseSchema};
      ${tables} BEGIN`);
    const numbering = new Int32Array(ranks.length).fill(-1);
    const order: number[] = [];
    const renumber = (staged: number): number => {
      if (numbering[staged] === -1) {
        numbering[staged] = order.length;
        order.push(staged);
      }
      return numbering[staged] ?? -1;
    };
    const releases = new Set<string>();
    let packages = 0;
    const insert = file.prepare("INSERT INTO package VALUES (?, ?, ?, ?)");
    for (const { name, release, entries } of staging.packages(ecosystem, ranks)) {
      const renumbered = entries.map((entry) => JSON.stringify(entry.with(0, renumber(entry[0]))));
      insert.run(packages, name, release, `[${renumbered.join(",")}]`);
      if (release !== "") releases.add(release);
      packages += 1;
    }
    const counts = writeAdvisories(file, order, staging);
    file.exec(`COMMIT; ${indexes}`);
    return { ...counts, packages, releases: [...releases].toSorted() };
  } finally {
    file.close();
  }
}

type Counts = Pick<Content, "advisories" | "malicious" | "newest">;

function writeAdvisories(file: DatabaseSync, order: readonly number[], staging: Staging): Counts {
  const insert = file.prepare("INSERT INTO advisory VALUES (?, ?)");
  const insertBlock = file.prepare("INSERT INTO description VALUES (?, ?)");
  const read = staging.recordReader();
  let newest: string | undefined;
  let malicious = 0;
  let block: string[] = [];
  for (const [number, staged] of order.entries()) {
    const record = read(staged);
    insert.run(number, record.head);
    block.push(record.description);
    if (block.length === advisoriesPerBlock || number === order.length - 1) {
      insertBlock.run(Math.floor(number / advisoriesPerBlock), zstdCompressSync(block.join("\n")));
      block = [];
    }
    if (record.id.startsWith("MAL-")) malicious += 1;
    if (newest === undefined || Date.parse(record.modified) > Date.parse(newest)) newest = record.modified;
  }
  return { advisories: order.length - malicious, malicious, ...(newest === undefined ? {} : { newest }) };
}
