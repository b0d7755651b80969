import { hasRoom } from "./cuts.ts";
import { ByteFields, type ByteSource } from "./byte-fields.ts";
import type { Executable, ExecutableSection, ExecutableSegment } from "./executable.ts";

const maxCommandBytes = 1_048_576;
const maxCommands = 10_000;
const maxSections = 10_000;
/** A Java class begins with the same magic; the number after it, its format's version, is never that low. */
const maxArchitectures = 20;
const universalMagic = 0xcafebabe;

/** Whether a file begins as Mach-O does, for one architecture or for several. */
export function isMachO(first: Uint8Array): boolean {
  const big = new ByteFields(first, false);
  if (big.u32(0) === universalMagic) return big.u32(4) > 0 && big.u32(4) <= maxArchitectures;
  return kindOf(first) !== undefined;
}

function kindOf(first: Uint8Array): { readonly wide: boolean; readonly littleEndian: boolean } | undefined {
  for (const littleEndian of [true, false]) {
    const magic = new ByteFields(first, littleEndian).u32(0);
    if (magic === 0xfeedface || magic === 0xfeedfacf) return { wide: magic === 0xfeedfacf, littleEndian };
  }
  return undefined;
}

/**
 * The sections and segments of a Mach-O file, of a universal one those of its first architecture.
 *
 * @see https://github.com/apple-oss-distributions/xnu/blob/main/EXTERNAL_HEADERS/mach-o/loader.h
 */
export function readMachO(file: ByteSource): Executable | undefined {
  const universal = new ByteFields(file.readAt(0, 28), false);
  const base = universal.u32(0) === universalMagic ? universal.u32(16) : 0;
  const head = file.readAt(base, 32);
  const kind = kindOf(head);
  if (kind === undefined) return undefined;
  const header = new ByteFields(head, kind.littleEndian);
  const commandsAt = base + (kind.wide ? 32 : 28);
  const there = Math.min(header.u32(20), Math.max(0, file.size - commandsAt));
  hasRoom(there - 1, maxCommandBytes, "bytes of load commands");
  const commands = file.readAt(commandsAt, Math.min(there, maxCommandBytes));
  const sections: ExecutableSection[] = [];
  const segments: ExecutableSegment[] = [];
  const count = header.u32(16);
  for (let at = 0, index = 0; index < count && at + 8 <= commands.length; index += 1) {
    if (!hasRoom(index, maxCommands, "load commands")) break;
    const command = new ByteFields(commands.subarray(at), kind.littleEndian);
    const bytes = command.u32(4);
    if (bytes < 8 || at + bytes > commands.length) break;
    if (command.u32(0) === (kind.wide ? 0x19 : 1)) {
      const fields = new ByteFields(commands.subarray(at, at + bytes), kind.littleEndian);
      segments.push(segmentOf(fields, kind.wide, base));
      sections.push(...sectionsOf(fields, kind.wide, base));
      if (!hasRoom(sections.length - 1, maxSections, "sections")) break;
    }
    at += bytes;
  }
  const fits = ({ offset, size }: { offset: number; size: number }): boolean => size > 0 && offset + size <= file.size;
  return {
    format: "mach-o",
    littleEndian: kind.littleEndian,
    sections: sections.filter(fits),
    segments: segments.filter(fits),
  };
}

function segmentOf(fields: ByteFields, wide: boolean, base: number): ExecutableSegment {
  const protection = fields.u32(wide ? 60 : 44);
  return {
    offset: base + (wide ? fields.u64(40) : fields.u32(32)),
    size: wide ? fields.u64(48) : fields.u32(36),
    address: wide ? fields.u64(24) : fields.u32(24),
    writable: (protection & 2) !== 0,
    executable: (protection & 4) !== 0,
  };
}

function sectionsOf(fields: ByteFields, wide: boolean, base: number): ExecutableSection[] {
  const entryBytes = wide ? 80 : 68;
  const sections: ExecutableSection[] = [];
  for (let at = wide ? 72 : 56; at + entryBytes <= fields.bytes.length; at += entryBytes) {
    sections.push({
      name: fields.name(at, 16),
      size: wide ? fields.u64(at + 40) : fields.u32(at + 36),
      offset: base + fields.u32(at + (wide ? 48 : 40)),
      compressed: false,
    });
  }
  return sections;
}
