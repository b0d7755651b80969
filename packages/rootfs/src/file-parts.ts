import type { FilePart } from "./file-reader.ts";

/** Parts in order, those that touch as one, and nothing of them beyond the end of the file. */
export function joinParts(parts: readonly FilePart[], size: number): readonly FilePart[] {
  const joined: { start: number; end: number }[] = [];
  const inside = parts.map(({ start, end }) => ({ start: Math.max(start, 0), end: Math.min(end, size) }));
  for (const part of inside.toSorted((left, right) => left.start - right.start)) {
    const last = joined.at(-1);
    if (!(part.start < part.end)) continue;
    if (last !== undefined && part.start <= last.end) last.end = Math.max(last.end, part.end);
    else joined.push(part);
  }
  return joined;
}
