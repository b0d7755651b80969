import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  canonicalJson,
  Decoder,
  type Digest,
  digestOf,
  isScError,
  type JsonValue,
  parseJson,
  ScError,
} from "@sc/model";
import { compareTexts } from "../decimal.ts";
import type { DatabaseFacts, EcosystemFacts, ExploitationFacts } from "../database-facts.ts";
import { databaseSchema, indexFileName } from "./layout.ts";

const kind = "sc-advisories";

/** One ecosystem's file, as the index names it. */
export interface Shard {
  /** The file's name in the database's folder. */
  readonly file: string;
  readonly facts: EcosystemFacts;
}

/** A file by the name that its content gives it. */
export interface NamedFile {
  readonly file: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** The file of what is exploited, as the index names it. */
export interface ExploitationFile extends ExploitationFacts, NamedFile {}

/** What the index says: the facts, and which files hold them. */
export interface DatabaseIndex extends Omit<DatabaseFacts, "ecosystems" | "exploitation"> {
  readonly shards: readonly Shard[];
  readonly exploitation?: ExploitationFile;
}

/** Every file that an index names, with what it is of. */
export function filesOf({ shards, exploitation }: DatabaseIndex): readonly (NamedFile & { readonly of: string })[] {
  const named = shards.map(({ file, facts: { ecosystem, digest, sizeBytes } }) => {
    return { of: ecosystem, file, digest, sizeBytes };
  });
  if (exploitation === undefined) return named;
  const { file, digest, sizeBytes } = exploitation;
  return [...named, { of: exploitationName, file, digest, sizeBytes }];
}

/** What the file of what is exploited is called beside the names of ecosystems. */
export const exploitationName = "exploitation";

/** The index of these files, built at this time. The digest names the content alone, whenever it was built. */
export function createIndex(
  { shards: unsorted, exploitation }: Pick<DatabaseIndex, "shards" | "exploitation">,
  built: Date,
): DatabaseIndex {
  const shards = unsorted.toSorted((left, right) => compareTexts(left.facts.ecosystem, right.facts.ecosystem));
  const extra = exploitation === undefined ? [] : [[exploitationName, exploitation.digest]];
  const times = shards.flatMap(({ facts: { newest } }) => newest ?? []);
  const newest = times.toSorted((left, right) => Date.parse(left) - Date.parse(right)).at(-1);
  return {
    schema: databaseSchema,
    digest: digestOf(
      canonicalJson([...shards.map(({ facts: { ecosystem, digest } }) => [ecosystem, digest]), ...extra]),
    ),
    built: built.toISOString().replace(/\.\d+Z$/, "Z"),
    ...(newest === undefined ? {} : { newest }),
    shards,
    ...(exploitation === undefined ? {} : { exploitation }),
  };
}

/** What an index says to those who do not read the files. */
export function factsOf({ shards, exploitation, ...index }: DatabaseIndex): DatabaseFacts {
  const ecosystems = shards.map(({ facts }) => facts);
  if (exploitation === undefined) return { ...index, ecosystems };
  const { epss, kev } = exploitation;
  return {
    ...index,
    ecosystems,
    exploitation: { ...(epss === undefined ? {} : { epss }), ...(kev === undefined ? {} : { kev }) },
  };
}

/** The bytes of an index file. */
export function encodeIndex(index: DatabaseIndex): string {
  const shards = index.shards.map(({ file, facts }): JsonValue => ({ file, facts: { ...facts } }));
  const { exploitation } = index;
  return `${canonicalJson({ kind, ...index, shards, exploitation: exploitation && { ...exploitation } })}\n`;
}

/**
 * The index of the database in a folder.
 *
 * Throws `DATABASE_MISSING` when there is none, `DATABASE_FOREIGN` when the folder is something else's,
 * `DATABASE_NEWER` when this program is too old for it, `DATABASE_OUTGROWN` when it is of an earlier layout and `DATABASE_CORRUPT` when it is damaged.
 */
export async function readIndexFile(
  folder: string,
): Promise<{ readonly index: DatabaseIndex; readonly bytes: Uint8Array }> {
  const path = join(folder, indexFileName);
  const bytes = await readIndexBytes(path, folder);
  return { index: decodeIndexBytes(bytes, path), bytes };
}

/** The index in bytes. Throws `DATABASE_FOREIGN`, `DATABASE_NEWER`, `DATABASE_OUTGROWN` and `DATABASE_CORRUPT`. */
export function decodeIndexBytes(bytes: Uint8Array, path: string): DatabaseIndex {
  try {
    return decodeIndex(new Decoder(parseJson(bytes, path), path), path);
  } catch (cause) {
    if (!isScError(cause) || cause.code.startsWith("DATABASE_")) throw cause;
    throw new ScError("DATABASE_CORRUPT", `the index of the advisory database is damaged: ${cause.message}`, {
      cause,
      hint: rebuildHint,
    });
  }
}

/** What to do about a database that cannot be used. */
export const rebuildHint = "Build it again with: sc db build --from DIR_OR_ZIP";

async function readIndexBytes(path: string, folder: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT") {
      throw new ScError("DATABASE_MISSING", "there is no advisory database, so nothing was compared", {
        cause,
        hint: "Fetch one with: sc db update --mirror URL --key PUBLIC-KEY, or build one with: sc db build --from DIR_OR_ZIP",
        facts: { looked: folder },
      });
    }
    if (code === "ENOTDIR") throw foreign(folder, cause);
    throw new ScError("DATABASE_CORRUPT", `${path}: the index cannot be read`, { cause, hint: rebuildHint });
  }
}

function foreign(path: string, cause?: unknown): ScError {
  return new ScError("DATABASE_FOREIGN", `${path}: this is not an advisory database of sc`, {
    ...(cause === undefined ? {} : { cause }),
    hint: "Name the folder that sc db build wrote.",
  });
}

function decodeIndex(document: Decoder, path: string): DatabaseIndex {
  if (document.member("kind").value !== kind) throw foreign(path);
  const schema = document.member("schema").count();
  if (schema > databaseSchema) {
    throw new ScError("DATABASE_NEWER", `${path}: layout ${schema} is newer than ${databaseSchema}, the newest known`, {
      hint: "Update sc, or build the database again with this version.",
    });
  }
  if (schema < databaseSchema) {
    throw new ScError("DATABASE_OUTGROWN", `${path}: layout ${schema} is older than ${databaseSchema}, the one read`, {
      hint: "Build it again with: sc db build --from DIR_OR_ZIP, or fetch a newer one with: sc db update",
    });
  }
  const newest = document.member("newest").optional((member) => member.string());
  return {
    schema,
    digest: document.member("digest").digest(),
    built: document.member("built").string(),
    ...(newest === undefined ? {} : { newest }),
    shards: document.member("shards").array().map(decodeShard),
    ...optional(document.member("exploitation").optional(decodeExploitation)),
  };
}

function optional(exploitation: ExploitationFile | undefined): Pick<DatabaseIndex, "exploitation"> {
  return exploitation === undefined ? {} : { exploitation };
}

function decodeExploitation(document: Decoder): ExploitationFile {
  const file = document.member("file");
  if (!isShardFile(file.string())) throw file.wrong("the name of a database's file");
  const epss = document.member("epss").optional((member) => decodeCount(member, "scores"));
  const kev = document.member("kev").optional((member) => decodeCount(member, "entries"));
  return {
    file: file.string(),
    digest: document.member("digest").digest(),
    sizeBytes: document.member("sizeBytes").count(),
    ...(epss === undefined ? {} : { epss: { scores: epss.count, ...dateOf(epss) } }),
    ...(kev === undefined ? {} : { kev: { entries: kev.count, ...dateOf(kev) } }),
  };
}

function decodeCount(member: Decoder, name: string): { readonly count: number; readonly date?: string } {
  const date = member.member("date").optional((present) => present.string());
  return { count: member.member(name).count(), ...(date === undefined ? {} : { date }) };
}

function dateOf({ date }: { readonly date?: string }): { readonly date?: string } {
  return date === undefined ? {} : { date };
}

function decodeShard(shard: Decoder): Shard {
  const file = shard.member("file");
  if (!isShardFile(file.string())) throw file.wrong("the name of an ecosystem's file");
  return { file: file.string(), facts: decodeFacts(shard.member("facts")) };
}

function decodeFacts(facts: Decoder): EcosystemFacts {
  const newest = facts.member("newest").optional((member) => member.string());
  const releases = facts.member("releases").array();
  return {
    ecosystem: facts.member("ecosystem").string(),
    advisories: facts.member("advisories").count(),
    malicious: facts.member("malicious").count(),
    packages: facts.member("packages").count(),
    releases: releases.map((release) => release.string()),
    ...(newest === undefined ? {} : { newest }),
    digest: facts.member("digest").digest(),
    sizeBytes: facts.member("sizeBytes").count(),
  };
}

/** The name of the file that holds an ecosystem, by the digest of its content. */
export function shardFile(ecosystem: string, hex: string): string {
  return `${ecosystem.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}-${hex.slice(0, 16)}.sqlite`;
}

/** Whether a file's name is one that this layout gives: no other file is ever read or removed. */
export function isShardFile(name: string): boolean {
  return /^[a-z0-9-]{1,64}-[0-9a-f]{16}\.sqlite$/.test(name);
}
