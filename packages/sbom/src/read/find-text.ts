import { Buffer } from "node:buffer";
import { type ByteSource, searchBytes, searchMemory } from "./byte-fields.ts";
import { hasRoom } from "./cuts.ts";

/** What is looked for: a pattern around a text that is always the same. */
export interface TextPattern {
  /** Looked for byte by byte, which is fast; the pattern is tried where it stands. */
  readonly literal: string;
  /** Its first group is what is wanted. Tried on 512 letters around each literal, so that its time is bounded. */
  readonly pattern: RegExp;
}

const chunkBytes = searchBytes.piece;
const before = 128;
const after = 384;
const maxHits = 20_000;
/** The largest binaries with a version in them, those of databases and languages, have 200 MiB. */
const maxSearchBytes = 512 * 1_048_576;

/** The first place where the pattern fits, as Latin-1; chunks overlap, so that it is found across their borders. */
export function findText(file: ByteSource, { literal, pattern }: TextPattern): string | undefined {
  const wanted = Buffer.from(literal, "latin1");
  hasRoom(file.size - 1, maxSearchBytes, "bytes of a program that is searched");
  const end = Math.min(file.size, maxSearchBytes);
  let hits = 0;
  for (let from = 0; from < end; from += chunkBytes) {
    const start = Math.max(0, from - before - after);
    const view = file.readAt(start, from + chunkBytes + after - start, searchMemory());
    const chunk = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
    for (let at = chunk.indexOf(wanted); at !== -1; at = chunk.indexOf(wanted, at + 1)) {
      if (!hasRoom(hits, maxHits, "places that look like a version")) return undefined;
      hits += 1;
      const found = pattern.exec(chunk.toString("latin1", Math.max(0, at - before), at + after))?.[1];
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
