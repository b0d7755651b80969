import { join } from "node:path";
import type { Inventory, Platform } from "@sc/model";
import { parsePlatform } from "@sc/oci";
import { type Connection, inventory, type InventoryOptions, type OpenedImage, openImage } from "@sc/pipeline";
import type { ActionContext } from "./command.ts";
import { cacheDirectory } from "./places.ts";
import { withLeanHeap } from "./lean-heap.ts";

/** How many problems of an inventory are told one by one. */
const shownProblems = 3;

/** Opens the image for the platform that is named, or else for that which the options ask for. */
export async function openAsked(
  image: string,
  context: ActionContext,
  connection: Connection,
  named?: Platform,
): Promise<OpenedImage> {
  const { values, signal, onProgress } = context;
  const asked = values.text("platform");
  const platform = named ?? (asked === undefined ? undefined : parsePlatform(asked));
  return await openImage(image, { connection, signal, onProgress, platform });
}

/** Takes the inventory of an open image within the limits of the options, and warns when it is not whole. */
export async function inventoryOf(
  opened: OpenedImage,
  context: ActionContext,
  options: Pick<InventoryOptions, "declared" | "scope"> = {},
): Promise<Inventory> {
  const taken = await withLeanHeap(() =>
    inventory(opened, {
      ...inventoryOptions(context),
      ...options,
    }),
  );
  const grave = taken.problems.filter(({ incomplete }) => incomplete === true);
  const warn = (message: string): void =>
    context.onProgress({ type: "notice", level: "warning", code: "INVENTORY_INCOMPLETE", message });
  for (const { message, path } of grave.slice(0, shownProblems))
    warn(path === undefined || message.startsWith(path) ? message : `${path}: ${message}`);
  if (grave.length > shownProblems) warn(`${grave.length - shownProblems} more problems make the inventory incomplete`);
  return taken;
}

/** The options of an inventory by those of the command line. */
export function inventoryOptions(context: ActionContext): InventoryOptions {
  const { values, environment, signal, onProgress } = context;
  const [maxLayerContentBytes, maxMemoryBytes, maxEntries, maxLayers] = [
    values.bytes("max-layer-bytes"),
    values.bytes("max-memory"),
    values.count("max-entries"),
    values.count("max-layers"),
  ];
  const jobs = values.count("jobs");
  const cached = values.text("cache-dir") !== undefined || environment.cacheHome !== undefined;
  return {
    signal,
    onProgress,
    limits: {
      ...(maxLayerContentBytes === undefined ? {} : { maxLayerContentBytes }),
      ...(maxMemoryBytes === undefined ? {} : { maxMemoryBytes }),
      ...(maxEntries === undefined ? {} : { maxEntries }),
      ...(maxLayers === undefined ? {} : { maxLayers }),
    },
    workers: jobs === 1 ? false : jobs,
    cacheDirectory: cached && !values.flag("no-cache") ? join(cacheDirectory(context), "layers") : undefined,
  };
}
