import { hasRoom } from "./cuts.ts";
import { ByteFields, type ByteSource } from "./byte-fields.ts";
import type { Executable, ExecutableSection, ExecutableSegment } from "./executable.ts";

const maxSections = 1000;
const sectionBytes = 40;
const directoriesKept = 16;

/** Whether a file begins as PE does, which is as a program for DOS. */
export function isPe(first: Uint8Array): boolean {
  return first[0] === 0x4d && first[1] === 0x5a && first.length >= 64;
}

/**
 * The sections of a PE file, each also the segment it is mapped as.
 *
 * @see https://learn.microsoft.com/en-us/windows/win32/debug/pe-format
 */
export function readPe(file: ByteSource): Executable | undefined {
  const start = new ByteFields(file.readAt(0, 64)).u32(60);
  const head = new ByteFields(file.readAt(start, 24 + 512));
  if (head.u32(0) !== 0x4550) return undefined;
  const optionalBytes = head.u16(20);
  const magic = head.u16(24);
  if (magic !== 0x10b && magic !== 0x20b) return undefined;
  const wide = magic === 0x20b;
  const imageBase = wide ? head.u64(24 + 24) : head.u32(24 + 28);
  const tableAt = start + 24 + optionalBytes;
  const there = Math.min(head.u16(6), Math.floor(Math.max(0, file.size - tableAt) / sectionBytes));
  const count = hasRoom(there - 1, maxSections, "sections") ? there : maxSections;
  const table = file.readAt(tableAt, count * sectionBytes);
  const sections: ExecutableSection[] = [];
  const segments: ExecutableSegment[] = [];
  for (let at = 0; at + sectionBytes <= table.length; at += sectionBytes) {
    const fields = new ByteFields(table.subarray(at, at + sectionBytes));
    const size = Math.min(fields.u32(16), fields.u32(8) || fields.u32(16));
    const offset = fields.u32(20);
    if (size === 0 || offset + size > file.size) continue;
    sections.push({ name: fields.name(0, 8), offset, size, compressed: false });
    const flags = fields.u32(36);
    segments.push({
      offset,
      size,
      address: imageBase + fields.u32(12),
      writable: (flags & 0x8000_0000) !== 0,
      executable: (flags & 0x2000_0000) !== 0,
    });
  }
  const directories = directoriesOf(head, { wide, imageBase, segments });
  return { format: "pe", littleEndian: true, sections, segments, directories };
}

interface Mapping {
  readonly wide: boolean;
  readonly imageBase: number;
  readonly segments: readonly ExecutableSegment[];
}

function directoriesOf(head: ByteFields, { wide, imageBase, segments }: Mapping): { offset: number; size: number }[] {
  const countAt = 24 + (wide ? 108 : 92);
  const count = Math.min(head.u32(countAt), directoriesKept);
  return Array.from({ length: count }, (_, index) => {
    const address = imageBase + head.u32(countAt + 4 + index * 8);
    const size = head.u32(countAt + 8 + index * 8);
    const segment = segments.find((one) => address >= one.address && address < one.address + one.size);
    return segment === undefined
      ? { offset: 0, size: 0 }
      : { offset: segment.offset + address - segment.address, size };
  });
}
