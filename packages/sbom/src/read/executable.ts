import type { ByteSource } from "./byte-fields.ts";
import { collectCuts, noteCut } from "./cuts.ts";
import { isElf, readElf } from "./elf.ts";
import { isMachO, readMachO } from "./mach-o.ts";
import { isPe, readPe } from "./pe.ts";

/** A named part of an executable, where it lies in the file. */
export interface ExecutableSection {
  /** `.go.buildinfo`; of Mach-O the section's name alone: `__go_buildinfo`. */
  readonly name: string;
  readonly offset: number;
  /** Bytes in the file. */
  readonly size: number;
  /** Whether the linker compressed it (ELF). */
  readonly compressed: boolean;
}

/** A part of an executable that is mapped into memory. */
export interface ExecutableSegment {
  readonly offset: number;
  readonly size: number;
  /** The address it is linked for. */
  readonly address: number;
  readonly writable: boolean;
  readonly executable: boolean;
}

/** What an ELF, PE or Mach-O file is made of. Sections and segments that do not fit into the file are left out. */
export interface Executable {
  readonly format: "elf" | "pe" | "mach-o";
  readonly littleEndian: boolean;
  readonly sections: readonly ExecutableSection[];
  readonly segments: readonly ExecutableSegment[];
  /** Of ELF: the segments of notes, which are there without sections as well. */
  readonly notes?: readonly { readonly offset: number; readonly size: number }[];
  /** Of PE: where the data directories point to, by their number. */
  readonly directories?: readonly { readonly offset: number; readonly size: number }[];
}

/** What the magic numbers of ELF, PE and Mach-O begin with, the latter in both byte orders and for several architectures. */
const firstBytes: ReadonlySet<number | undefined> = new Set([0x7f, 0x4d, 0xfe, 0xce, 0xcf, 0xca]);

/** Whether a file that begins so is an executable, a library or an object of ELF, PE or Mach-O. Asked of every file. */
export function isExecutable(first: Uint8Array): boolean {
  if (!firstBytes.has(first[0])) return false;
  return isElf(first) || isPe(first) || isMachO(first);
}

/**
 * The sections and segments of an executable; `undefined` when it is none, or its headers make no sense.
 *
 * Only headers are read, each within bounds: a file may claim what it likes. Of a universal Mach-O the first
 * architecture is read. Several readers ask about the same file: its headers are read once.
 */
export function readExecutable(file: ByteSource): Executable | undefined {
  const known = read.get(file) ?? collectCuts(() => parseHeaders(file));
  read.set(file, known);
  // Whoever asks has been kept from the same things.
  for (const what of known.cuts) noteCut(what);
  return known.result;
}

const read = new WeakMap<ByteSource, ReturnType<typeof collectCuts<Executable | undefined>>>();

function parseHeaders(file: ByteSource): Executable | undefined {
  const first = file.readAt(0, 64);
  if (isElf(first)) return readElf(file);
  if (isPe(first)) return readPe(file);
  return isMachO(first) ? readMachO(file) : undefined;
}

/** The section of that name, unless it is compressed. */
export function findSection(executable: Executable, name: string): ExecutableSection | undefined {
  return executable.sections.find((section) => section.name === name && !section.compressed);
}

/** The bytes of a section, at most `maxBytes`; `undefined` when it has more. */
export function readSection(file: ByteSource, section: ExecutableSection, maxBytes: number): Uint8Array | undefined {
  return section.size > maxBytes ? undefined : file.readAt(section.offset, section.size);
}

/** Up to `length` bytes at an address of the running program; none where nothing of the file is mapped. */
export function readAddress(
  file: ByteSource,
  executable: Executable,
  { address, length }: { readonly address: number; readonly length: number },
): Uint8Array {
  for (const segment of executable.segments) {
    const from = address - segment.address;
    if (from < 0 || from >= segment.size) continue;
    return file.readAt(segment.offset + from, Math.min(length, segment.size - from));
  }
  return new Uint8Array();
}
