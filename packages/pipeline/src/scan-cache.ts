import { canonicalJson, type Digest, digestHex, digestOf, type JsonValue, type ProgressListener } from "@sc/model";
import type { ScanReport } from "@sc/scan";
import { CacheFolder } from "@sc/rootfs";
import { version } from "./version.ts";

const magic = "sc-scan-result\n";

/** Bytes of one result: some ten thousand findings with their texts. */
const maxBytes: number = 64 * 1024 * 1024;

/** How long a result is used when nobody says: six hours. */
export const defaultMaxAge: number = 6 * 60 * 60 * 1000;

/** Where results of scans are kept between runs. */
export interface ScanCacheOptions {
  readonly directory: string;
  /** In milliseconds; six hours by default. */
  readonly maxAge?: number | undefined;
}

/** Everything that decides what a match finds: a result is used only where all of it is the same. */
export interface ScanKey {
  /** Of the image's manifest, which pins its layers. */
  readonly image: Digest;
  readonly database: Digest;
  /** The options of the inventory and of the match. */
  readonly options: JsonValue;
}

/** What a match found of an image, before anything is judged or accepted. */
export type Matched = Pick<
  ScanReport,
  "distribution" | "packages" | "layers" | "findings" | "coverage" | "database" | "problems" | "incomplete"
>;

interface Kept {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly written: number;
  readonly matched: Matched;
}

/** Results of scans, by image, database and options. */
export class ScanCache {
  readonly #folder: CacheFolder;
  readonly #maxAge: number;

  constructor({ directory, maxAge = defaultMaxAge }: ScanCacheOptions, onProgress: ProgressListener | undefined) {
    this.#folder = new CacheFolder({ directory, name: "cache of results", magic, maxBytes, onProgress });
    this.#maxAge = maxAge;
  }

  /** The result for that key, when it is there and neither too old nor of the future. */
  async recall(key: ScanKey, now: Date): Promise<Matched | undefined> {
    const text = textOf(key);
    const kept = await this.#folder.load(nameOf(text), (bytes): Kept => JSON.parse(new TextDecoder().decode(bytes)));
    if (kept === undefined || kept.key !== text) return undefined;
    const age = now.getTime() - kept.written;
    return age >= 0 && age < this.#maxAge ? kept.matched : undefined;
  }

  /** Keeps a result, and removes those that nobody will use any more. What may be incomplete is not kept. */
  async keep(key: ScanKey, matched: Matched, now: Date): Promise<void> {
    if (matched.incomplete) return;
    const text = textOf(key);
    const kept: Kept = { key: text, written: now.getTime(), matched };
    await this.#folder.store(nameOf(text), Buffer.from(JSON.stringify(kept)), now);
    await this.#folder.prune(new Date(now.getTime() - this.#maxAge));
  }
}

function textOf({ image, database, options }: ScanKey): string {
  return canonicalJson({ version, image, database, options });
}

function nameOf(key: string): string {
  return `${digestHex(digestOf(key))}.scan`;
}
