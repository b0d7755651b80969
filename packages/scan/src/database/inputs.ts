import { Buffer } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { openFileAccess, type RandomAccess, ZipReader } from "@sc/archive";
import { isScError, ScError } from "@sc/model";
import { compareTexts } from "../decimal.ts";
import type { FeedFile } from "../feed.ts";
import { maxRecordBytes, maxZipDirectoryBytes, maxZipRecords } from "../limits.ts";

/** A file of advisories, with how it begins. */
export interface RecordFile extends FeedFile {
  /** The first kilobyte, each byte a character, to tell its form by. */
  readonly start: string;
}

/** A file that is too large to be read where it lies: inside a zip. */
export interface OversizeFile {
  readonly where: string;
  readonly sizeBytes: number;
}

const maxDepth = 16;

const startBytes = 1024;

const pieceBytes = 1024 * 1024;

/**
 * Every file of advisories in the given inputs, one after the other: a folder with all below it, a zip as OSV exports
 * it, or a JSON or YAML file. Folders are read in the order of their names, links in them are not followed; of a zip
 * one entry at a time is held, and of a large file a piece. Throws `ADVISORIES_UNREADABLE`, and for a damaged zip what
 * `ZipReader` throws: half of one is not built from.
 */
export async function* readRecordFiles(inputs: readonly string[]): AsyncGenerator<RecordFile | OversizeFile> {
  for (const input of inputs) {
    const facts = await attempt(input, () => stat(input));
    if (facts.isDirectory()) yield* readFolder(input, maxDepth);
    else if (input.endsWith(".zip")) yield* readZip(input);
    else if (namePattern.test(input)) yield* readFile(input);
    else throw unreadable(input, "it is neither a folder nor a .zip, .json or .yaml file");
  }
}

const namePattern = /\.(?:json|ya?ml)$/;

async function* readFolder(folder: string, depth: number): AsyncGenerator<RecordFile | OversizeFile> {
  if (depth === 0) throw unreadable(folder, `folders are nested more than ${maxDepth} deep`);
  const entries = await attempt(folder, () => readdir(folder, { withFileTypes: true }));
  for (const entry of entries.toSorted((left, right) => compareTexts(left.name, right.name))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* readFolder(path, depth - 1);
    else if (entry.isFile() && entry.name.endsWith(".zip")) yield* readZip(path);
    else if (entry.isFile() && namePattern.test(entry.name)) yield* readFile(path, idOf(path));
  }
}

function* readZip(path: string): Generator<RecordFile | OversizeFile> {
  using source = openZip(path);
  const zip = new ZipReader(source, { where: path, limits: { maxZipEntries: maxZipRecords, maxZipDirectoryBytes } });
  for (const entry of zip.entries()) {
    if (entry.directory || !namePattern.test(entry.path)) continue;
    const where = `${path}:${entry.path}`;
    if (entry.size > maxRecordBytes) yield { where, sizeBytes: entry.size };
    else yield recordFile({ where, id: idOf(entry.path), bytes: zip.read(entry, maxRecordBytes) });
  }
}

interface NamedBytes {
  readonly where: string;
  readonly id?: string;
  readonly bytes: Uint8Array;
}

function recordFile({ where, id, bytes }: NamedBytes, rest?: Iterable<Uint8Array>): RecordFile {
  return {
    where,
    ...(id === undefined ? {} : { id }),
    syntax: where.endsWith(".json") ? "json" : "yaml",
    start: Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, startBytes)).toString("latin1"),
    chunks: rest === undefined ? [bytes] : prepend(bytes, rest),
  };
}

function* prepend(first: Uint8Array, rest: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield first;
  yield* rest;
}

// Synchronous: a record is small, and handing each of a hundred thousand to a thread costs more than reading it.
function* readFile(path: string, id?: string): Generator<RecordFile> {
  const named = { where: path, ...(id === undefined ? {} : { id }) };
  try {
    if (statSync(path).size <= maxRecordBytes) {
      yield recordFile({ ...named, bytes: readFileSync(path) });
      return;
    }
    using file = openFileAccess(path);
    yield recordFile({ ...named, bytes: file.readAt(0, pieceBytes) }, readPieces(file, pieceBytes));
  } catch (cause) {
    throw isScError(cause)
      ? cause
      : unreadable(path, cause instanceof Error ? cause.message : "it cannot be read", cause);
  }
}

function* readPieces(file: RandomAccess, from: number): Generator<Uint8Array> {
  for (let at = from; at < file.size; at += pieceBytes) yield file.readAt(at, pieceBytes);
}

function openZip(path: string): RandomAccess & Disposable {
  try {
    return openFileAccess(path);
  } catch (cause) {
    throw unreadable(path, cause instanceof Error ? cause.message : "it cannot be read", cause);
  }
}

function idOf(path: string): string {
  return basename(path).replace(namePattern, "");
}

async function attempt<Value>(path: string, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (cause) {
    throw unreadable(path, cause instanceof Error ? cause.message : "it cannot be read", cause);
  }
}

function unreadable(path: string, what: string, cause?: unknown): ScError {
  return new ScError("ADVISORIES_UNREADABLE", `${path}: no advisories can be read: ${JSON.stringify(what)}`, {
    ...(cause === undefined ? {} : { cause }),
    hint: "Name a folder of OSV records, an all.zip of OSV's export, or a JSON or YAML file.",
  });
}
