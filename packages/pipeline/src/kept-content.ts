import { Buffer } from "node:buffer";
import { type Digest, digestAlgorithm, digestHex, digestOf, type ProgressListener } from "@sc/model";
import { CacheFolder } from "@sc/rootfs";
import { type ResultCacheOptions, textIn } from "./result-cache.ts";

/** A day: after it everything that is attached is read from its registry again, and must be there. */
const defaultMaxAge: number = 24 * 60 * 60 * 1000;
/** The largest single content that is kept: documents and signatures are smaller, layers are not kept here. */
export const maxContentBytes: number = 4 * 1024 * 1024;
/** The most of all that is kept of one image. */
const maxBytes: number = 16 * 1024 * 1024;
/** The same with the names of what is kept. */
const maxFileBytes: number = maxBytes + 1024 * 1024;

interface Header {
  readonly key: string;
  /** Milliseconds since 1970: when the oldest content was read. */
  readonly written: number;
  /** Where each lies behind the header, one after the other. */
  readonly contents: readonly { readonly name: string; readonly size: number }[];
}

interface Loaded {
  readonly written: number;
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** How a run keeps content. */
export interface ContentCacheOptions {
  /** The present. */
  readonly now: Date;
  readonly onProgress: ProgressListener | undefined;
}

/** Where manifests, configurations and attestations of images are kept between runs: one file for each image. */
export class ContentCache {
  readonly #folder: CacheFolder;
  readonly #maxAge: number;
  readonly #now: Date;
  #pruned: Promise<void> | undefined;

  constructor({ directory, maxAge = defaultMaxAge }: ResultCacheOptions, { now, onProgress }: ContentCacheOptions) {
    const name = "cache of what is attached";
    this.#folder = new CacheFolder({ directory, name, magic: "sc-content\n", maxBytes: maxFileBytes, onProgress });
    this.#maxAge = maxAge;
    this.#now = now;
  }

  /** What is kept of an image, which is read when it is first asked. */
  open(image: string): KeptContent {
    return new KeptContent({
      load: () => this.#load(image),
      save: (contents, written) => this.#save(image, contents, written ?? this.#now.getTime()),
    });
  }

  #load(image: string): Loaded | undefined {
    const loaded = this.#folder.load(fileOf(image), (bytes) => decode(bytes, image));
    if (loaded === undefined) return undefined;
    const age = this.#now.getTime() - loaded.written;
    return age >= 0 && age < this.#maxAge ? loaded : undefined;
  }

  async #save(image: string, contents: ReadonlyMap<string, Uint8Array>, written: number): Promise<void> {
    await this.#folder.store(fileOf(image), encode({ written, contents }, image), new Date(written));
    this.#pruned ??= this.#folder.prune(new Date(this.#now.getTime() - this.#maxAge));
    await this.#pruned;
  }
}

interface ContentFile {
  readonly load: () => Loaded | undefined;
  readonly save: (contents: ReadonlyMap<string, Uint8Array>, written: number | undefined) => Promise<void>;
}

/**
 * Content of one image's repositories that goes by its digest, and so can never be otherwise. It is hashed whenever it is
 * used: whoever writes the cache decides nothing. What a tag names and what refers to an image is not kept here.
 */
export class KeptContent {
  readonly #file: ContentFile;
  readonly #used = new Map<string, Uint8Array>();
  #loaded: Loaded | undefined;
  #isLoaded = false;
  #bytes = 0;

  constructor(file: ContentFile) {
    this.#file = file;
  }

  /** The content of that digest, which was read from that repository before and is hashed anew. */
  recall(repository: string, digest: Digest): Uint8Array | undefined {
    const name = nameOf(repository, digest);
    const bytes = this.#used.get(name) ?? this.#load()?.contents.get(name);
    if (bytes === undefined || digestOf(bytes, digestAlgorithm(digest)) !== digest) return undefined;
    this.#admit(name, bytes);
    return bytes;
  }

  /** Notes content that a repository gave or took by that digest. */
  note(repository: string, digest: Digest, bytes: Uint8Array): void {
    this.#admit(nameOf(repository, digest), bytes);
  }

  /** Keeps what was used, where some of it is new. */
  async save(): Promise<void> {
    const loaded = this.#load();
    if ([...this.#used].every(([name, bytes]) => isSame(bytes, loaded?.contents.get(name)))) return;
    await this.#file.save(this.#used, loaded?.written);
  }

  #load(): Loaded | undefined {
    if (!this.#isLoaded) this.#loaded = this.#file.load();
    this.#isLoaded = true;
    return this.#loaded;
  }

  #admit(name: string, bytes: Uint8Array): void {
    if (this.#used.has(name) || bytes.length > maxContentBytes || this.#bytes + bytes.length > maxBytes) return;
    this.#used.set(name, bytes);
    this.#bytes += bytes.length;
  }
}

function isSame(bytes: Uint8Array, before: Uint8Array | undefined): boolean {
  return before !== undefined && (bytes === before || Buffer.compare(bytes, before) === 0);
}

function nameOf(repository: string, digest: Digest): string {
  return `${repository}@${digest}`;
}

function fileOf(image: string): string {
  return `${digestHex(digestOf(image))}.content`;
}

function encode({ written, contents }: Loaded, key: string): Uint8Array {
  const named = [...contents].map(([name, { length: size }]) => ({ name, size }));
  const header: Header = { key, written, contents: named };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...contents.values()]);
}

// The folder has seen to it that these are the bytes that were stored.
function decode(bytes: Uint8Array, key: string): Loaded | undefined {
  const end = bytes.indexOf(10);
  const header: Header = JSON.parse(textIn(bytes.subarray(0, end)));
  if (header.key !== key) return undefined;
  const contents = new Map<string, Uint8Array>();
  let at = end + 1;
  for (const { name, size } of header.contents) {
    contents.set(name, bytes.subarray(at, at + size));
    at += size;
  }
  return { written: header.written, contents };
}
