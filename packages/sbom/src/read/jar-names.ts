import { Buffer } from "node:buffer";
import { decodeEntryName, type ZipName } from "@sc/archive";

/** Distinct packages of classes that are kept of an archive. */
const maxClassFolders = 256;

const slashByte = 0x2f;
const classEnd = Buffer.from(".class");

/** The packages of an archive's own classes. */
export class ClassFolders {
  readonly #folders = new Set<string>();
  /** Where in the archive's directory the folder stands of the class before, as far as it tells. */
  #last: Stretch = { start: 0, end: 0 };

  /** Cut to three parts, as `org.apache.kafka`. */
  get folders(): ReadonlySet<string> {
    return this.#folders;
  }

  /** Adds the package of a class. Most stand in a directory beside one of the same package, and add nothing. */
  addBytes({ bytes, start, end }: ZipName): void {
    if (this.#folders.size >= maxClassFolders) return;
    const folderEnd = endOfFolder(bytes, start, end);
    if (isSame(bytes, { start, end: folderEnd }, this.#last)) return;
    this.#last = { start, end: folderEnd };
    this.add(decodeEntryName(bytes.subarray(start, end)));
  }

  /** Adds the package of a class at a path, cut to three parts. */
  add(path: string): void {
    if (/^(?:META|BOOT|WEB|APP)-INF\//.test(path)) return;
    const parts = path.slice(0, 300).split("/", 4);
    const folder = parts.slice(0, Math.min(3, parts.length - 1)).join(".");
    if (folder !== "" && this.#folders.size < maxClassFolders) this.#folders.add(folder);
  }
}

/** How names end of what is read or walked, by their last byte: manifests, Maven's files, archives. */
const tellingEnds: readonly boolean[] = Array.from({ length: 256 }, (_, byte) =>
  "flsrigpFLSRIGP".includes(String.fromCharCode(byte)),
);

/** Whether an entry may be any of what is read, by the end of its name; classes, which most are, tell their packages here. */
export function mayTell(name: ZipName, folders: ClassFolders): boolean {
  const { bytes, start, end } = name;
  if (tellingEnds[bytes[end - 1] ?? 0] !== true) return false;
  if (end - start <= classEnd.length || !endsWith(bytes, end, classEnd)) return true;
  folders.addBytes(name);
  return false;
}

/** Where the third part of a class' folder ends, behind a slash; where it has fewer, all of it. */
function endOfFolder(bytes: Uint8Array, start: number, end: number): number {
  let folderEnd = start;
  for (let at = start, parts = 0; at < end && parts < 3; at += 1) {
    if (bytes[at] !== slashByte) continue;
    folderEnd = at + 1;
    parts += 1;
  }
  return folderEnd;
}

/** Where something stands in a directory. */
type Stretch = Pick<ZipName, "start" | "end">;

function isSame(bytes: Uint8Array, one: Stretch, other: Stretch): boolean {
  const length = one.end - one.start;
  if (other.end - other.start !== length) return false;
  // What differs does so rather at the end.
  for (let at = length - 1; at >= 0; at -= 1) if (bytes[one.start + at] !== bytes[other.start + at]) return false;
  return true;
}

/** Whether what ends at a place ends with that text. */
function endsWith(bytes: Uint8Array, end: number, text: Uint8Array): boolean {
  for (let back = 1; back <= text.length; back += 1) {
    if (bytes[end - back] !== text[text.length - back]) return false;
  }
  return true;
}
