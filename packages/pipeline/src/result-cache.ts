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

interface Kept<Value> {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly written: number;
  readonly value: Value;
}

/** Results of plain data, each by everything that decides it: used only where all of that is the same. */
export class ResultCache<Key extends object, Value extends object> {
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
  recall(key: Key, now: Date): Value | undefined {
    const text = textOf(key);
    const kept = this.#folder.load(this.#nameOf(text), (bytes): Kept<Value> =>
      JSON.parse(new TextDecoder().decode(bytes)),
    );
    if (kept === undefined || kept.key !== text) return undefined;
    const age = now.getTime() - kept.written;
    return age >= 0 && age < this.#maxAge ? kept.value : undefined;
  }

  /** Keeps a result, and removes those that nobody will use any more. Nothing that may be incomplete is to be kept. */
  async keep(key: Key, value: Value, now: Date): Promise<void> {
    const text = textOf(key);
    const kept: Kept<Value> = { key: text, written: now.getTime(), value };
    await this.#folder.store(this.#nameOf(text), Buffer.from(JSON.stringify(kept)), now);
    await this.#folder.prune(new Date(now.getTime() - this.#maxAge));
  }

  #nameOf(key: string): string {
    return `${digestHex(digestOf(key))}.${this.#suffix}`;
  }
}

// What another version of the program found is found anew.
function textOf(key: object): string {
  return canonicalJson({ version, key: { ...key } });
}
