import { Buffer } from "node:buffer";
import { decodeEntryName, type ZipName } from "@sc/archive";

/** Distinct packages of classes that are kept of an archive. */
const maxClassFolders = 256;

const [slashByte, dotByte] = [0x2f, 0x2e];
const classEnd = Buffer.from(".class");

/** The packages of an archive's own classes. */
export class ClassFolders {
  readonly #folders: Set<string>;
  #last: Uint8Array | undefined;

  constructor(folders: Set<string>) {
    this.#folders = folders;
  }

  /** Adds the package of a class. Most stand in a directory beside one of the same package, and add nothing. */
  addBytes({ bytes, start, end }: ZipName): void {
    if (this.#folders.size >= maxClassFolders) return;
    let folderEnd = end;
    while (folderEnd > start && bytes[folderEnd - 1] !== slashByte) folderEnd -= 1;
    const folder = bytes.subarray(start, folderEnd);
    if (this.#last !== undefined && Buffer.compare(this.#last, folder) === 0) return;
    this.#last = folder;
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

/** How names end of what is read or walked: manifests, Maven's files, archives. */
const tellingEnds: ReadonlySet<number> = new Set(Buffer.from("flsrigpFLSRIGP"));

/** Whether an entry may be any of what is read, by the end of its name; classes, which most are, tell their packages here. */
export function mayTell(name: ZipName, folders: ClassFolders): boolean {
  const { bytes, start, end } = name;
  if (end - start > classEnd.length && bytes[end - classEnd.length] === dotByte) {
    if (classEnd.equals(bytes.subarray(end - classEnd.length, end))) {
      folders.addBytes(name);
      return false;
    }
  }
  return tellingEnds.has(bytes[end - 1] ?? 0);
}
