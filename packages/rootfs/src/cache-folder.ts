import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from "node:fs";
import { mkdir, open, readdir, rename, stat, unlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import zlib from "node:zlib";
import { digestHex, digestOf, type ProgressListener } from "@sc/model";

const digestBytes = 32;
/** Smaller files are stored as they are: a decompressor costs more than reading them. */
const leastPackedBytes: number = 256 * 1024;

interface FileForm {
  /** What every file begins with, in ASCII. */
  readonly magic: string;
  /** Of one file, unpacked or as it is stored. */
  readonly maxBytes: number;
}

/** Where files are kept between runs. */
export interface CacheFolderOptions extends FileForm {
  /** Made with mode 0700 when it is missing; not used when others may write to it. */
  readonly directory: string;
  /** What it is called in notices: `layer cache`. */
  readonly name: string;
  readonly onProgress: ProgressListener | undefined;
}

/**
 * A folder of files that may be lost at any time: the larger ones compressed, each with a checksum. They are written beside and renamed,
 * so that processes can share a folder; one that is damaged is not used, and a notice says so. Nothing here ever fails:
 * without the folder the work is done again.
 */
export class CacheFolder {
  readonly #options: CacheFolderOptions;
  #usable: boolean | undefined;
  #made: Promise<void> | undefined;

  constructor(options: CacheFolderOptions) {
    this.#options = options;
  }

  /** What `decode` makes of the file of that name; `undefined` where there is none, or where it throws. */
  load<Value>(name: string, decode: (bytes: Uint8Array) => Value): Value | undefined {
    if (!this.#isReadable()) return undefined;
    try {
      return decode(readChecked(join(this.#options.directory, name), this.#options));
    } catch (error) {
      if (!isMissing(error))
        this.#notice("CACHE_FILE_IGNORED", `a file of the ${this.#options.name} is not used: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Keeps a file, unless it is too large to be read again; `written` is what `prune` goes by, by default the present. */
  async store(name: string, content: Uint8Array, written?: Date): Promise<void> {
    if (!(await this.#isWritable()) || content.length > this.#options.maxBytes) return;
    const path = join(this.#options.directory, name);
    const temporary = `${path}.${randomUUID()}`;
    try {
      await writeChecked(temporary, content, this.#options.magic);
      if (written !== undefined) await utimes(temporary, written, written);
      await rename(temporary, path);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      this.#notice("CACHE_NOT_WRITTEN", `the ${this.#options.name} cannot be written: ${messageOf(error)}`);
    }
  }

  /** Removes the files that were written before a time, those that were left half written too. */
  async prune(before: Date): Promise<void> {
    if (!(await this.#isWritable())) return;
    const { directory } = this.#options;
    const names = await readdir(directory).catch(() => []);
    for (const name of names) {
      const path = join(directory, name);
      // Another process may be pruning as well.
      const written = await stat(path).catch(() => undefined);
      if (written?.isFile() === true && written.mtime < before) await unlink(path).catch(() => undefined);
    }
  }

  // A folder that is not there is made when something is written to it.
  #isReadable(): boolean {
    this.#usable ??= this.#examine();
    return this.#usable === true;
  }

  async #isWritable(): Promise<boolean> {
    if (this.#isReadable() || this.#usable === false) return this.#usable === true;
    this.#made ??= this.#make();
    await this.#made;
    return this.#isReadable();
  }

  async #make(): Promise<void> {
    try {
      await mkdir(this.#options.directory, { recursive: true, mode: 0o700 });
    } catch (error) {
      this.#usable = this.#refuse(error);
    }
  }

  // Whether nobody else may write to it; `undefined` where it is not there.
  #examine(): boolean | undefined {
    const { directory, name } = this.#options;
    try {
      const found = statSync(directory);
      if (!found.isDirectory()) throw new Error("it is no folder");
      const { mode, uid } = found;
      const foreign = process.getuid !== undefined && uid !== process.getuid();
      if (!foreign && (mode & 0o022) === 0) return true;
    } catch (error) {
      return isMissing(error) ? undefined : this.#refuse(error);
    }
    this.#notice(
      "CACHE_UNSAFE",
      `the ${name} ${JSON.stringify(directory)} is not used, because others may write to it`,
    );
    return false;
  }

  #refuse(error: unknown): false {
    this.#notice("CACHE_UNUSABLE", `the ${this.#options.name} cannot be used: ${messageOf(error)}`);
    return false;
  }

  #notice(code: string, message: string): void {
    this.#options.onProgress?.({ type: "notice", level: "warning", code, message });
  }
}

// All at once: through the thread pool the five calls take ten times as long as a file of some kilobytes needs, and what
// is read is unpacked and parsed without a pause anyway.
function readChecked(path: string, { magic, maxBytes }: FileForm): Uint8Array {
  const bytes = readWhole(path, maxBytes);
  const start = magic.length + digestBytes;
  const body = bytes.subarray(start);
  const sound =
    bytes.subarray(0, magic.length).equals(Buffer.from(magic)) &&
    checksumOf(body).equals(bytes.subarray(magic.length, start));
  if (!sound) throw new Error("it is damaged");
  return isPacked(body) ? zlib.zstdDecompressSync(body, { maxOutputLength: maxBytes }) : body;
}

// How a frame of zstd begins (RFC 8878, 3.1.1).
function isPacked(bytes: Uint8Array): boolean {
  return bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;
}

function readWhole(path: string, maxBytes: number): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    if (fstatSync(file).size > maxBytes) throw new Error("it is too large");
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

async function writeChecked(path: string, content: Uint8Array, magic: string): Promise<void> {
  const body = content.length < leastPackedBytes && !isPacked(content) ? content : zlib.zstdCompressSync(content);
  await using file = await open(path, "wx", 0o600);
  await file.writeFile(Buffer.concat([Buffer.from(magic), checksumOf(body), body]));
}

function checksumOf(bytes: Uint8Array): Buffer {
  return Buffer.from(digestHex(digestOf(bytes)), "hex");
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
