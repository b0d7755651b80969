import { Buffer } from "node:buffer";
import { canonicalJson, digestHex, digestOf, type ProgressListener } from "@sc/model";
import { CacheFolder } from "@sc/rootfs";
import { version } from "./version.ts";

/** Bytes of one result: some ten thousand findings with their texts, or as many packages with their files. */
const maxBytes: number = 64 * 1024 * 1024;

/** Where results are kept between runs. */
export interface ResultCacheOptions {
  readonly directory: string;
  /** How long a result is used, in milliseconds. */
  readonly maxAge?: number | undefined;
}

/** What is kept in a folder of its own. */
export interface KeptResults {
  /** What every file begins with. */
  readonly magic: string;
  /** What the folder is called in notices. */
  readonly name: string;
  /** How files end. */
  readonly suffix: string;
  /** In milliseconds, where the options do not say. */
  readonly defaultMaxAge: number;
}

interface Header<Facts> {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly written: number;
  readonly facts: Facts;
}

/** A result as it is kept. */
export interface KeptResult<Facts> {
  /** What is told of it without reading it. */
  readonly facts: Facts;
  readonly bytes: Uint8Array;
}

/** Results, each by everything that decides it: used only where all of that is the same. */
export class ResultCache<Key extends object, Facts extends object> {
  readonly #folder: CacheFolder;
  readonly #maxAge: number;
  readonly #suffix: string;

  constructor(
    { directory, maxAge }: ResultCacheOptions,
    { magic, name, suffix, defaultMaxAge }: KeptResults,
    onProgress: ProgressListener | undefined,
  ) {
    this.#folder = new CacheFolder({ directory, name, magic, maxBytes, onProgress });
    this.#maxAge = maxAge ?? defaultMaxAge;
    this.#suffix = suffix;
  }

  /** The result for that key, when it is there and neither too old nor of the future. */
  recall(key: Key, now: Date): KeptResult<Facts> | undefined {
    const text = textOf(key);
    const kept = this.#folder.load(this.#nameOf(text), (bytes) => {
      const end = bytes.indexOf(10);
      const header: Header<Facts> = JSON.parse(textIn(bytes.subarray(0, end)));
      return { ...header, bytes: bytes.subarray(end + 1) };
    });
    if (kept === undefined || kept.key !== text) return undefined;
    const age = now.getTime() - kept.written;
    return age >= 0 && age < this.#maxAge ? kept : undefined;
  }

  /** Keeps a result, and removes those that nobody will use any more. Nothing that may be incomplete is to be kept. */
  async keep(key: Key, { facts, bytes }: KeptResult<Facts>, now: Date): Promise<void> {
    const text = textOf(key);
    const header: Header<Facts> = { key: text, written: now.getTime(), facts };
    const content = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), bytes]);
    await this.#folder.store(this.#nameOf(text), content, now);
    await this.#folder.prune(new Date(now.getTime() - this.#maxAge));
  }

  #nameOf(key: string): string {
    return `${digestHex(digestOf(key))}.${this.#suffix}`;
  }
}

/** Plain data as it is kept. */
export function bytesOf(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** The text of bytes that were kept. */
export function textIn(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

/** How a file is laid out: raised when that changes, so that one of before is not taken for damaged. */
const layout = 2;

// What another version of the program found is found anew.
function textOf(key: object): string {
  return canonicalJson({ version, layout, key: { ...key } });
}
