import type { JsonObject, JsonValue, ProgressListener } from "@sc/model";
import { excludePackages } from "@sc/sbom";
import { type InventoryKey, inventoryKey } from "./inventory-cache.ts";
import { ResultCache, type ResultCacheOptions } from "./result-cache.ts";
import { formatSbom } from "./sbom.ts";
import type { ImageRun } from "./secure-image.ts";
import type { SecureDocument, SecurePlan } from "./secure-plan.ts";

/** As long as the inventory that it says: a day. */
const defaultMaxAge: number = 24 * 60 * 60 * 1000;

/** Everything that decides the bytes of a document. */
interface DocumentKey {
  readonly inventory: InventoryKey;
  /** What the image is called. */
  readonly subject: JsonValue;
  readonly format: string;
  readonly options: JsonObject;
}

function openDocumentCache(
  options: ResultCacheOptions,
  onProgress: ProgressListener | undefined,
): ResultCache<DocumentKey, object> {
  const kept = { magic: "sc-document\n", name: "cache of documents", suffix: "document", defaultMaxAge };
  return new ResultCache(options, kept, onProgress);
}

/**
 * The documents of a run's image, kept beside its inventory: the same bytes as if they were written anew. One that tells
 * of the build that it was made in, or of an inventory that is not whole, is always written anew.
 */
export async function documentsOf(
  { inventory, plan, call }: ImageRun,
  sbom: NonNullable<SecurePlan["sbom"]>,
): Promise<readonly SecureDocument[]> {
  if (inventory === undefined) return [];
  const write = (format: string): Uint8Array =>
    formatSbom(excludePackages(inventory.read(), sbom.exclude ?? []), format, sbom);
  const { results, limits = {} } = plan.inventory ?? {};
  const { digest } = inventory.subject;
  if (results === undefined || digest === undefined || inventory.incomplete || sbom.build !== undefined) {
    return sbom.formats.map((format) => ({ format, bytes: write(format) }));
  }
  const common = {
    inventory: inventoryKey(digest, { limits: { ...limits } }),
    subject: JSON.stringify(inventory.subject),
    options: optionsOf(sbom),
  };
  const { now = new Date() } = results;
  const cache = openDocumentCache(results, call.onProgress);
  const documents: SecureDocument[] = [];
  for (const format of sbom.formats) {
    const key = { ...common, format };
    const known = cache.recall(key, now);
    // No Buffer: results are plain data.
    const bytes = known === undefined ? write(format) : Uint8Array.from(known.bytes);
    if (known === undefined) await cache.keep(key, { facts: {}, bytes }, now);
    documents.push({ format, bytes });
  }
  return documents;
}

function optionsOf({ timestamp, tool, configuration, exclude = [] }: NonNullable<SecurePlan["sbom"]>): JsonObject {
  return {
    timestamp: timestamp?.toISOString(),
    tool: tool === undefined ? undefined : { ...tool },
    configuration,
    exclude,
  };
}
