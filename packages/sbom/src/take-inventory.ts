import { type Call, type Inventory, type InventorySubject, type LayerInfo, ScError } from "@sc/model";
import { type LayerSource, type RootfsLimits, walkLayers } from "@sc/rootfs";
import { catalogInventory } from "./catalog.ts";
import type { Cataloger } from "./cataloger.ts";
import { catalogers } from "./catalogers/index.ts";
import { defined } from "./defined.ts";

/** One layer to read, and what the image's history says of it. */
export interface InventoryLayer extends LayerSource {
  /** The command of the history entry. */
  readonly createdBy?: string;
}

/** What an inventory is taken of. */
export interface InventoryInput {
  readonly subject: InventorySubject;
  /** Oldest first. */
  readonly layers: readonly InventoryLayer[];
}

/** How an inventory is taken. */
export interface InventoryOptions extends Call {
  /** The ids of the catalogers to ask; all when not given. The distribution is always looked for. */
  readonly catalogers?: readonly string[];
  /** Compare each layer's content with the diffID that the configuration claims. On by default. */
  readonly verifyDiffIds?: boolean;
  readonly limits?: Partial<RootfsLimits>;
}

/**
 * What is in an image: every layer is read once, in parallel with the others, and nothing is extracted. The same
 * layers give the same inventory, whatever the order they arrive in.
 *
 * Throws `CATALOGER_UNKNOWN` and what walking the layers throws.
 */
export async function takeInventory(input: InventoryInput, options: InventoryOptions = {}): Promise<Inventory> {
  const { catalogers: ids, ...walk } = options;
  const chosen = chooseCatalogers(ids);
  const root = await walkLayers(input.layers, chosen, walk);
  return catalogInventory({ subject: input.subject, layers: input.layers.map(layerInfo), catalogers: chosen, root });
}

function chooseCatalogers(ids: readonly string[] | undefined): readonly Cataloger<unknown>[] {
  if (ids === undefined) return catalogers;
  for (const id of ids) {
    if (catalogers.some((cataloger) => cataloger.id === id)) continue;
    throw new ScError("CATALOGER_UNKNOWN", `no cataloger is called ${JSON.stringify(id)}`, {
      hint: `Choose among ${catalogers.map((cataloger) => cataloger.id).join(", ")}.`,
    });
  }
  return catalogers.filter((cataloger) => cataloger.id === "os-release" || ids.includes(cataloger.id));
}

function layerInfo({ descriptor, diffId, createdBy }: InventoryLayer): LayerInfo {
  const { digest, mediaType, size } = descriptor;
  return defined<LayerInfo>({ digest, diffId, mediaType, size, createdBy });
}
