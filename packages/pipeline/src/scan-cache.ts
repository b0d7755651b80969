import type { Digest, JsonValue, ProgressListener } from "@sc/model";
import type { ScanReport } from "@sc/scan";
import { ResultCache, type ResultCacheOptions, textIn } from "./result-cache.ts";

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

/** Six hours, as the advisories of a day come in. */
const defaultMaxAge: number = 6 * 60 * 60 * 1000;

/** What matches found, by image, database and options. */
export function openScanCache(
  options: ResultCacheOptions,
  onProgress: ProgressListener | undefined,
): ResultCache<ScanKey, object> {
  const kept = { magic: "sc-scan-result\n", name: "cache of results", suffix: "scan", defaultMaxAge };
  return new ResultCache(options, kept, onProgress);
}

/** The result in what was kept. */
export function matchedIn(bytes: Uint8Array): Matched {
  return JSON.parse(textIn(bytes));
}
