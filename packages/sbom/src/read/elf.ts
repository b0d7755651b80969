import { ByteFields, type ByteSource } from "./byte-fields.ts";
import { hasRoom } from "./cuts.ts";
import type { Executable, ExecutableSection, ExecutableSegment } from "./executable.ts";

/** Sections that are looked at: linkers write some dozens, `-ffunction-sections` objects thousands. */
const maxHeaders = 65_536;
const maxNameBytes = 1_048_576;
const compressedFlag = 0x800;
const noBitsType = 8;
const loadType = 1;
const noteType = 4;

/** Whether a file begins as ELF does. */
export function isElf(first: Uint8Array): boolean {
  return first[0] === 0x7f && first[1] === 0x45 && first[2] === 0x4c && first[3] === 0x46;
}

/**
 * The sections and loaded segments of an ELF file.
 *
 * @see https://gabi.xinuos.com/elf/02-eheader.html
 */
export function readElf(file: ByteSource): Executable | undefined {
  const elf = openElf(file);
  if (elf === undefined) return undefined;
  const { segments, notes } = segmentsOf(elf);
  return { format: "elf", littleEndian: elf.littleEndian, sections: sectionsOf(elf), segments, notes };
}

/** What the headers at the beginning of an ELF file tell; those of sections stand at its end. */
export interface ElfBeginning extends ElfSegments {
  /** Where those headers end. */
  readonly headersEnd: number;
  /** Whether the file has all that they speak of. */
  readonly isWhole: boolean;
}

/** What the headers at the beginning of an ELF file tell. */
export function readElfBeginning(file: ByteSource): ElfBeginning | undefined {
  const elf = openElf(file);
  if (elf === undefined) return undefined;
  const { header, word } = elf;
  const { segments, segmentBytes, segmentCount, sections, sectionBytes, sectionCount } = elf.layout.header;
  const end = word(header, sections) + header.u16(sectionBytes) * header.u16(sectionCount);
  const found = segmentsOf(elf);
  return {
    ...found,
    headersEnd: word(header, segments) + header.u16(segmentBytes) * header.u16(segmentCount),
    isWhole: !found.isCut && end <= file.size,
  };
}

interface ElfSegments {
  /** Those that fit into the file. */
  readonly segments: readonly ExecutableSegment[];
  /** Whether some do not. */
  readonly isCut: boolean;
  readonly notes: readonly { readonly offset: number; readonly size: number }[];
}

function openElf(file: ByteSource): Elf | undefined {
  const ident = file.readAt(0, 64);
  const wide = ident[4] === 2;
  const littleEndian = ident[5] !== 2;
  if (!isElf(ident) || ident.length < (wide ? 64 : 52) || (!wide && ident[4] !== 1)) return undefined;
  return {
    file,
    littleEndian,
    layout: wide ? layouts.wide : layouts.narrow,
    header: new ByteFields(ident, littleEndian),
    word: (fields, at) => (wide ? fields.u64(at) : fields.u32(at)),
  };
}

/** Where the fields lie in the headers of 32 and of 64 bits; `word` fields are as wide as the file. */
const layouts = {
  narrow: {
    header: {
      segments: 28,
      sections: 32,
      segmentBytes: 42,
      segmentCount: 44,
      sectionBytes: 46,
      sectionCount: 48,
      names: 50,
    },
    section: { bytes: 40, flags: 8, offset: 16, size: 20, link: 24 },
    segment: { bytes: 32, flags: 24, offset: 4, address: 8, size: 16 },
  },
  wide: {
    header: {
      segments: 32,
      sections: 40,
      segmentBytes: 54,
      segmentCount: 56,
      sectionBytes: 58,
      sectionCount: 60,
      names: 62,
    },
    section: { bytes: 64, flags: 8, offset: 24, size: 32, link: 40 },
    segment: { bytes: 56, flags: 4, offset: 8, address: 16, size: 32 },
  },
} as const;

type Layout = (typeof layouts)["narrow" | "wide"];

interface Elf {
  readonly file: ByteSource;
  readonly littleEndian: boolean;
  readonly layout: Layout;
  readonly header: ByteFields;
  readonly word: (fields: ByteFields, at: number) => number;
}

interface SectionHeader extends ExecutableSection {
  readonly nameAt: number;
  readonly link: number;
}

function sectionsOf(elf: Elf): ExecutableSection[] {
  const { header, file, layout, word } = elf;
  const tableAt = word(header, layout.header.sections);
  const entryBytes = header.u16(layout.header.sectionBytes);
  if (!isTable(file, { tableAt, entryBytes, wanted: layout.section.bytes })) return [];
  // The first section holds what does not fit into the header.
  const [zero] = sectionHeaders(elf, { tableAt, entryBytes, count: 1 });
  const stated = header.u16(layout.header.sectionCount) || (zero?.size ?? 0);
  const there = Math.min(stated, Math.floor((file.size - tableAt) / entryBytes));
  const count = hasRoom(there - 1, maxHeaders, "sections") ? there : maxHeaders;
  const namesIndex = header.u16(layout.header.names);
  const headers = sectionHeaders(elf, { tableAt, entryBytes, count });
  const names = namesOf(file, headers[namesIndex === 0xffff ? (zero?.link ?? 0) : namesIndex]);
  return headers
    .filter(({ offset, size }) => size > 0 && offset + size <= file.size)
    .map(({ nameAt, offset, size, compressed }) => ({ name: names.name(nameAt, 256), offset, size, compressed }));
}

function isTable(
  file: ByteSource,
  { tableAt, entryBytes, wanted }: { tableAt: number; entryBytes: number; wanted: number },
): boolean {
  return tableAt > 0 && tableAt < file.size && entryBytes >= wanted && entryBytes <= 1024;
}

function namesOf(file: ByteSource, strings: SectionHeader | undefined): ByteFields {
  if (strings === undefined) return new ByteFields(new Uint8Array());
  hasRoom(Math.min(strings.size, file.size - strings.offset) - 1, maxNameBytes, "bytes of names of sections");
  return new ByteFields(file.readAt(strings.offset, Math.min(strings.size, maxNameBytes)));
}

interface Table {
  readonly tableAt: number;
  readonly entryBytes: number;
  readonly count: number;
}

/** The rows of a table, and where each begins in it. */
function rowsOf({ file, littleEndian }: Elf, { tableAt, entryBytes, count }: Table): Rows {
  const fields = new ByteFields(file.readAt(tableAt, entryBytes * count), littleEndian);
  const rows = Math.floor(fields.bytes.length / entryBytes);
  return { fields, starts: Array.from({ length: rows }, (_, row) => row * entryBytes) };
}

interface Rows {
  readonly fields: ByteFields;
  readonly starts: readonly number[];
}

function sectionHeaders(elf: Elf, table: Table): SectionHeader[] {
  const { layout, word } = elf;
  const { flags, offset, size, link } = layout.section;
  const { fields, starts } = rowsOf(elf, table);
  return starts.map((at) => ({
    name: "",
    nameAt: fields.u32(at),
    offset: word(fields, at + offset),
    size: fields.u32(at + 4) === noBitsType ? 0 : word(fields, at + size),
    link: fields.u32(at + link),
    compressed: Math.floor(word(fields, at + flags) / compressedFlag) % 2 === 1,
  }));
}

function segmentsOf(elf: Elf): ElfSegments {
  const { file, layout, header, word } = elf;
  const tableAt = word(header, layout.header.segments);
  const entryBytes = header.u16(layout.header.segmentBytes);
  if (!isTable(file, { tableAt, entryBytes, wanted: layout.segment.bytes }))
    return { segments: [], notes: [], isCut: false };
  const count = header.u16(layout.header.segmentCount);
  const segments: ExecutableSegment[] = [];
  const notes: { offset: number; size: number }[] = [];
  let isCut = false;
  const { fields, starts } = rowsOf(elf, { tableAt, entryBytes, count });
  for (const at of starts) {
    const offset = word(fields, at + layout.segment.offset);
    const size = word(fields, at + layout.segment.size);
    const type = fields.u32(at);
    if (offset + size > file.size) {
      isCut ||= type === loadType;
      continue;
    }
    if (type === noteType) notes.push({ offset, size });
    if (type !== loadType) continue;
    const flags = fields.u32(at + layout.segment.flags);
    const address = word(fields, at + layout.segment.address);
    segments.push({ offset, size, address, writable: (flags & 2) !== 0, executable: (flags & 1) !== 0 });
  }
  return { segments, notes, isCut };
}
