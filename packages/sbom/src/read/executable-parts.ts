import type { FileEntry, FilePart } from "@sc/rootfs";
import type { ByteSource } from "./byte-fields.ts";
import { isElf, readElfSegments } from "./elf.ts";
import type { ExecutableSegment } from "./executable.ts";

/**
 * The parts of a large program that say what it was made of: all but its code and constants, which are most of it. What
 * linkers and packagers leave lies in its data, its notes, or where nothing of it is loaded. `undefined` for formats
 * other than ELF, and where the first bytes do not tell.
 *
 * Programs of Go before 1.18 have their list of modules among their constants: those are read a second time.
 */
export function executableParts(first: Uint8Array, { size }: FileEntry): readonly FilePart[] | undefined {
  const source: ByteSource = { size, readAt: (offset, length) => first.subarray(offset, offset + length) };
  const elf = isElf(first) ? readElfSegments(source) : undefined;
  if (elf === undefined || elf.headersEnd > first.length) return undefined;
  const { segments, notes } = elf;
  const [held, skipped] = [segments.filter(({ writable }) => writable), segments.filter(({ writable }) => !writable)];
  const parts = [...notes, ...held].map(({ offset, size: bytes }) => ({ start: offset, end: offset + bytes }));
  return [{ start: 0, end: first.length }, ...parts, ...between(skipped, size)];
}

/** What lies outside of segments. */
function between(segments: readonly ExecutableSegment[], size: number): FilePart[] {
  const parts: FilePart[] = [];
  let start = 0;
  for (const segment of segments.toSorted((left, right) => left.offset - right.offset)) {
    if (segment.offset > start) parts.push({ start, end: segment.offset });
    start = Math.max(start, segment.offset + segment.size);
  }
  if (start < size) parts.push({ start, end: size });
  return parts;
}
