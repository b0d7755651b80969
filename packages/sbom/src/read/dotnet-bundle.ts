import { Buffer } from "node:buffer";
import { ByteFields, type ByteSource, searchBytes, searchMemory } from "./byte-fields.ts";
import { noteCut } from "./cuts.ts";
import type { Executable } from "./executable.ts";

/** SHA-256 of ".net core bundle\n", which the host of single-file applications holds behind the header's offset. */
const signature = Buffer.from("8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae", "hex");
const chunkBytes = searchBytes.piece;
/** The data of a program all together: the host itself has some kilobytes, of compiled libraries a hundred megabytes. */
const maxSearchBytes = 512 * 1_048_576;
const maxDependenciesBytes = 16 * 1_048_576;

/**
 * The `.deps.json` inside a single-file .NET application; `undefined` where the executable is none, a sentence where
 * its bundle cannot be read.
 *
 * @see https://github.com/dotnet/designs/blob/main/accepted/2020/single-file/design.md
 */
export function readBundledDependencies(file: ByteSource, executable: Executable): Uint8Array | string | undefined {
  const at = findSignature(file, executable);
  if (at === undefined) return undefined;
  const headerAt = new ByteFields(file.readAt(at - 8, 8)).u64(0);
  // The host before an application is put behind it.
  if (headerAt === 0) return undefined;
  const header = new ByteFields(file.readAt(headerAt, 512));
  const major = header.u32(0);
  if (major < 2 || major > 100) return undefined;
  const idBytes = header.bytes[12] ?? 0;
  // Identifiers have a dozen letters; a length that takes two bytes is none.
  if (idBytes >= 0x80) return "the header of its .NET bundle is malformed";
  const offset = header.u64(13 + idBytes);
  const size = header.u64(13 + idBytes + 8);
  if (size === 0) return undefined;
  if (size > maxDependenciesBytes || offset + size > file.size) return "the place of its .deps.json is out of bounds";
  return file.readAt(offset, size);
}

function findSignature(file: ByteSource, executable: Executable): number | undefined {
  let budget = maxSearchBytes;
  for (const segment of executable.segments) {
    if (!segment.writable || segment.executable) continue;
    if (segment.size > budget) noteCut(`more than ${maxSearchBytes} bytes of data that are searched for a .NET bundle`);
    const size = Math.min(segment.size, budget);
    budget -= size;
    const at = search(file, segment.offset, size);
    if (at !== undefined) return at;
  }
  return undefined;
}

function search(file: ByteSource, start: number, size: number): number | undefined {
  for (let from = 0; from < size; from += chunkBytes) {
    const view = file.readAt(start + from, Math.min(chunkBytes + signature.length, size - from), searchMemory());
    const found = Buffer.from(view.buffer, view.byteOffset, view.byteLength).indexOf(signature);
    if (found !== -1 && start + from + found >= 8) return start + from + found;
  }
  return undefined;
}
