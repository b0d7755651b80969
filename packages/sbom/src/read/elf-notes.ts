import { Buffer } from "node:buffer";
import { ByteFields, type ByteSource } from "./byte-fields.ts";
import type { Executable } from "./executable.ts";
import { firstOf, hasRoom } from "./cuts.ts";

/** Bytes of one segment of notes: the largest seen, of a kernel, has some kilobytes. */
const maxNoteBytes = 1_048_576;
/** Segments and sections of notes that are looked at: linkers write two or three. */
const maxPlaces = 100;

/** A note of an ELF file: who defined its type, and what it holds. */
export interface ElfNote {
  readonly owner: string;
  readonly type: number;
  readonly content: Buffer;
}

/**
 * The notes of an ELF file, of its segments and of its sections; the same note may come twice.
 *
 * @see https://gabi.xinuos.com/elf/07-pheader.html#note-sections
 */
export function* elfNotes(file: ByteSource, executable: Executable): Generator<ElfNote> {
  const sections = executable.sections.filter(({ name, compressed }) => name.startsWith(".note") && !compressed);
  const places = firstOf([...sections, ...(executable.notes ?? [])], maxPlaces, "segments and sections of notes");
  for (const { offset, size } of places) {
    hasRoom(size - 1, maxNoteBytes, "bytes of notes in one place");
    const bytes = Buffer.from(file.readAt(offset, Math.min(size, maxNoteBytes)));
    yield* notesIn(bytes, executable.littleEndian);
  }
}

/** Three numbers, the owner's name and the content, both filled up to four bytes. */
function* notesIn(bytes: Buffer, littleEndian: boolean): Generator<ElfNote> {
  const fields = new ByteFields(bytes, littleEndian);
  for (let at = 0; at + 12 <= bytes.length;) {
    const [ownerBytes, contentBytes, type] = [fields.u32(at), fields.u32(at + 4), fields.u32(at + 8)];
    const contentAt = at + 12 + padded(ownerBytes);
    const end = contentAt + contentBytes;
    if (end > bytes.length) return;
    yield { owner: fields.name(at + 12, ownerBytes), type, content: bytes.subarray(contentAt, end) };
    at = contentAt + padded(contentBytes);
  }
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
