import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readdir, rename, stat, unlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import zlib from "node:zlib";
import { digestHex, digestOf, type ProgressListener } from "@sc/model";

const digestBytes = 32;

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
 * A folder of files that may be lost at any time: compressed, each with a checksum. They are written beside and renamed,
 * so that processes can share a folder; one that is damaged is not used, and a notice says so. Nothing here ever fails:
 * without the folder the work is done again.
 */
export class CacheFolder {
  readonly #options: CacheFolderOptions;
  #usable: Promise<boolean> | undefined;

  constructor(options: CacheFolderOptions) {
    this.#options = options;
  }

  /** What `decode` makes of the file of that name; `undefined` where there is none, or where it throws. */
  async load<Value>(name: string, decode: (bytes: Uint8Array) => Value): Promise<Value | undefined> {
    if (!(await this.#isUsable())) return undefined;
    try {
      return decode(await readChecked(join(this.#options.directory, name), this.#options));
    } catch (error) {
      if (!isMissing(error))
        this.#notice("CACHE_FILE_IGNORED", `a file of the ${this.#options.name} is not used: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Keeps a file, unless it is too large to be read again; `written` is what `prune` goes by, by default the present. */
  async store(name: string, content: Uint8Array, written?: Date): Promise<void> {
    if (!(await this.#isUsable()) || content.length > this.#options.maxBytes) return;
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
    if (!(await this.#isUsable())) return;
    const { directory } = this.#options;
    const names = await readdir(directory).catch(() => []);
    for (const name of names) {
      const path = join(directory, name);
      // Another process may be pruning as well.
      const written = await stat(path).catch(() => undefined);
      if (written?.isFile() === true && written.mtime < before) await unlink(path).catch(() => undefined);
    }
  }

  async #isUsable(): Promise<boolean> {
    this.#usable ??= this.#prepare();
    return this.#usable;
  }

  async #prepare(): Promise<boolean> {
    const { directory, name } = this.#options;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const { mode, uid } = await stat(directory);
      const foreign = process.getuid !== undefined && uid !== process.getuid();
      if (!foreign && (mode & 0o022) === 0) return true;
      this.#notice(
        "CACHE_UNSAFE",
        `the ${name} ${JSON.stringify(directory)} is not used, because others may write to it`,
      );
    } catch (error) {
      this.#notice("CACHE_UNUSABLE", `the ${name} cannot be used: ${messageOf(error)}`);
    }
    return false;
  }

  #notice(code: string, message: string): void {
    this.#options.onProgress?.({ type: "notice", level: "warning", code, message });
  }
}

async function readChecked(path: string, { magic, maxBytes }: FileForm): Promise<Uint8Array> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const { size } = await file.stat();
  if (size > maxBytes) throw new Error("it is too large");
  const bytes = await file.readFile();
  const start = magic.length + digestBytes;
  const body = bytes.subarray(start);
  const sound =
    bytes.subarray(0, magic.length).equals(Buffer.from(magic)) &&
    checksumOf(body).equals(bytes.subarray(magic.length, start));
  if (!sound) throw new Error("it is damaged");
  return zlib.zstdDecompressSync(body, { maxOutputLength: maxBytes });
}

async function writeChecked(path: string, content: Uint8Array, magic: string): Promise<void> {
  const body = zlib.zstdCompressSync(content);
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
