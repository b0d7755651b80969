import type { FileEntry, FilePart } from "@sc/rootfs";
import type { ByteSource } from "./byte-fields.ts";
import { type ElfBeginning, isElf, readElfBeginning } from "./elf.ts";
import type { ExecutableSegment } from "./executable.ts";

/**
 * The parts of a large program that say what it was made of: all but its code and constants, which are most of it. What
 * linkers and packagers leave lies in its data, its notes, or where nothing of it is loaded. `undefined` for formats
 * other than ELF, and where the first bytes do not tell.
 *
 * Programs of Go before 1.18 have their list of modules among their constants: those are read a second time.
 */
export function executableParts(first: Uint8Array, { size }: FileEntry): readonly FilePart[] | undefined {
  const elf = elfOf(first, size);
  if (elf === undefined) return undefined;
  const { segments, notes } = elf;
  const [held, skipped] = [segments.filter(({ writable }) => writable), segments.filter(({ writable }) => !writable)];
  const parts = [...notes, ...held].map(({ offset, size: bytes }) => ({ start: offset, end: offset + bytes }));
  return [{ start: 0, end: first.length }, ...parts, ...between(skipped, size)];
}

/**
 * Where a program has nothing but code, told from its first bytes: what is executable, where linkers have given constants,
 * with the texts among them, a segment of their own. Of a file that is not whole nothing is told: it may be a piece of one.
 */
export function codeParts(first: Uint8Array, size: number): readonly FilePart[] {
  const elf = elfOf(first, size);
  if (elf?.isWhole !== true) return [];
  const { segments } = elf;
  if (!segments.some(({ writable, executable }) => !writable && !executable)) return [];
  const code = segments.filter(({ writable, executable }) => executable && !writable);
  const parts = code.map(({ offset, size: bytes }) => ({ start: offset, end: offset + bytes }));
  return parts.toSorted((left, right) => left.start - right.start);
}

function elfOf(first: Uint8Array, size: number): ElfBeginning | undefined {
  const source: ByteSource = { size, readAt: (offset, length) => first.subarray(offset, offset + length) };
  const elf = isElf(first) ? readElfBeginning(source) : undefined;
  return elf === undefined || elf.headersEnd > first.length ? undefined : elf;
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
