import { readFileSync, statSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { openFileAccess, type RandomAccess, ZipReader } from "@sc/archive";
import { ScError } from "@sc/model";
import { compareTexts } from "../decimal.ts";
import { maxRecordBytes, maxZipDirectoryBytes, maxZipRecords } from "../limits.ts";

/** One record's bytes, and where they stood. */
export interface RecordFile {
  readonly where: string;
  /** The id that the file's name promises; absent for a file that the user named, which may be called anything. */
  readonly id?: string;
  /** Absent when there are more bytes than a record may have. */
  readonly bytes?: Uint8Array;
}

const maxDepth = 16;

/**
 * Every record in the given inputs, one after the other: a folder with all below it, a zip as OSV exports it, or a JSON
 * file. Folders are read in the order of their names, links in them are not followed; of a zip one entry at a time is
 * held. Throws `ADVISORIES_UNREADABLE`, and for a damaged zip what `ZipReader` throws: half of one is not built from.
 */
export async function* readRecordFiles(inputs: readonly string[]): AsyncGenerator<RecordFile> {
  for (const input of inputs) {
    const facts = await attempt(input, () => stat(input));
    if (facts.isDirectory()) yield* readFolder(input, maxDepth);
    else if (input.endsWith(".zip")) yield* readZip(input);
    else if (input.endsWith(".json")) yield { where: input, ...readRecord(input) };
    else throw unreadable(input, "it is neither a folder nor a .zip or .json file");
  }
}

async function* readFolder(folder: string, depth: number): AsyncGenerator<RecordFile> {
  if (depth === 0) throw unreadable(folder, `folders are nested more than ${maxDepth} deep`);
  const entries = await attempt(folder, () => readdir(folder, { withFileTypes: true }));
  for (const entry of entries.toSorted((left, right) => compareTexts(left.name, right.name))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* readFolder(path, depth - 1);
    else if (entry.isFile() && entry.name.endsWith(".zip")) yield* readZip(path);
    else if (entry.isFile() && entry.name.endsWith(".json")) yield { where: path, id: idOf(path), ...readRecord(path) };
  }
}

function* readZip(path: string): Generator<RecordFile> {
  using source = openZip(path);
  const zip = new ZipReader(source, { where: path, limits: { maxZipEntries: maxZipRecords, maxZipDirectoryBytes } });
  for (const entry of zip.entries()) {
    if (entry.directory || !entry.path.endsWith(".json")) continue;
    const bytes = entry.size > maxRecordBytes ? {} : { bytes: zip.read(entry, maxRecordBytes) };
    yield { where: `${path}:${entry.path}`, id: idOf(entry.path), ...bytes };
  }
}

function openZip(path: string): RandomAccess & Disposable {
  try {
    return openFileAccess(path);
  } catch (cause) {
    throw unreadable(path, cause instanceof Error ? cause.message : "it cannot be read", cause);
  }
}

function idOf(path: string): string {
  return basename(path, ".json");
}

// Synchronous: a record is small, and handing each of a hundred thousand to a thread costs more than reading it.
function readRecord(path: string): { readonly bytes?: Uint8Array } {
  try {
    return statSync(path).size > maxRecordBytes ? {} : { bytes: readFileSync(path) };
  } catch (cause) {
    throw unreadable(path, cause instanceof Error ? cause.message : "it cannot be read", cause);
  }
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
    hint: "Name a folder of OSV records, an all.zip of OSV's export or a JSON file.",
  });
}
