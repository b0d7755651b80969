import type { Digest, Inventory, JsonValue, ProgressListener } from "@sc/model";
import { catalogersVersion } from "@sc/sbom";
import { ResultCache, type ResultCacheOptions, textIn } from "./result-cache.ts";

/** A day: what is in an image never changes, but a program that reads it better may come. */
const defaultMaxAge: number = 24 * 60 * 60 * 1000;

/** Everything that decides what an inventory holds, but for what the image is called. */
export interface InventoryKey {
  /** Of the image's manifest, which pins its layers and its configuration. */
  readonly image: Digest;
  readonly options: JsonValue;
  readonly catalogers: string;
}

/** An inventory without what the image is called, which may be otherwise the next time. */
type Contents = Omit<Inventory, "subject">;

/** What is told of an inventory that nobody has read. */
export interface InventoryFacts {
  /** How many packages there are, by type. */
  readonly packages: Readonly<Record<string, number>>;
}

/** What is in images, by digest and options. */
export function openInventoryCache(
  options: ResultCacheOptions,
  onProgress: ProgressListener | undefined,
): ResultCache<InventoryKey, InventoryFacts> {
  const kept = { magic: "sc-inventory\n", name: "cache of inventories", suffix: "inventory", defaultMaxAge };
  return new ResultCache(options, kept, onProgress);
}

/** The inventory in what was kept. */
export function contentsIn(bytes: Uint8Array): Contents {
  return JSON.parse(textIn(bytes));
}

/** The key of an image's inventory. */
export function inventoryKey(image: Digest, options: JsonValue): InventoryKey {
  return { image, options, catalogers: catalogersVersion };
}
