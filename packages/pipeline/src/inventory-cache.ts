import type { Digest, Inventory, JsonValue, ProgressListener } from "@sc/model";
import { catalogers } from "@sc/sbom";
import { ResultCache, type ResultCacheOptions } from "./result-cache.ts";

/** A day: what is in an image never changes, but a program that reads it better may come. */
const defaultMaxAge: number = 24 * 60 * 60 * 1000;

/** Everything that decides what an inventory holds, but for what the image is called. */
export interface InventoryKey {
  /** Of the image's manifest, which pins its layers and its configuration. */
  readonly image: Digest;
  readonly options: JsonValue;
  readonly catalogers: readonly string[];
}

/** An inventory without what the image is called, which may be otherwise the next time. */
export type Contents = Omit<Inventory, "subject">;

/** What is in images, by digest and options. */
export function openInventoryCache(
  options: ResultCacheOptions,
  onProgress: ProgressListener | undefined,
): ResultCache<InventoryKey, Contents> {
  const kept = { magic: "sc-inventory\n", name: "cache of inventories", suffix: "inventory", defaultMaxAge };
  return new ResultCache(options, kept, onProgress);
}

/** The key of an image's inventory. */
export function inventoryKey(image: Digest, options: JsonValue): InventoryKey {
  return { image, options, catalogers: catalogers.map(({ id, version }) => `${id} ${version}`) };
}
