import { Worker } from "node:worker_threads";
import type { Call, Inventory, InventorySubject, LayerInfo } from "@sc/model";
import { type LayerSource, type RootfsLimits, walkLayers, type WorkerOptions, WorkerPool } from "@sc/rootfs";
import { catalogInventory } from "./catalog.ts";
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

/** Which packages of an image an inventory lists. */
export const inventoryScopes = ["squashed", "all-layers"] as const;

/** One of `inventoryScopes`. */
export type InventoryScope = (typeof inventoryScopes)[number];

/**
 * Starts a worker thread that reads layers, with the ids of the catalogers it asks as its `workerData`. Who bundles a
 * program makes `@sc/sbom/layer-worker` a file of its own and starts that: no bundler finds it by itself.
 */
export type StartLayerWorker = (catalogers: readonly string[]) => Worker;

/** How an inventory is taken. */
export interface InventoryOptions extends Call {
  /** The ids of the catalogers to ask; all when not given. The distribution is always looked for. */
  readonly catalogers?: readonly string[];
  /**
   * Ask those of lock files and manifests as well when `catalogers` is not given. Off by default: what is declared need
   * not be installed, and what is installed would be found twice.
   */
  readonly declared?: boolean;
  /**
   * Which packages are listed: those of the final image (`squashed`, the default), or those of every layer, so that
   * what a later layer took away or replaced is there too. Such a package has the properties `layer:state` (`hidden`)
   * and `layer:hidden-by` (the index of that layer).
   */
  readonly scope?: InventoryScope;
  /** Compare each layer's content with the diffID that the configuration claims. On by default. */
  readonly verifyDiffIds?: boolean;
  /**
   * Worker threads for images of several large layers: by default one per core; `false` for none. Those of
   * `InventoryWorkers` are shared with other calls and left running.
   */
  readonly workers?: { readonly count?: number; readonly start?: StartLayerWorker } | InventoryWorkers | false;
  /** Where the facts of layers are kept between runs; off by default. */
  readonly cacheDirectory?: string;
  readonly limits?: Partial<RootfsLimits>;
}

/**
 * Worker threads for the layers of several images: each starts when it is first needed and ends with this value, and
 * `count` of them, by default one per core, read at once for all calls together. They ask the catalogers that are asked
 * when an inventory names none.
 */
export class InventoryWorkers implements AsyncDisposable {
  readonly pool: WorkerPool;
  readonly start: StartLayerWorker;
  #ids: readonly string[] = [];

  constructor({ count, start = startWorker }: { readonly count?: number; readonly start?: StartLayerWorker } = {}) {
    this.start = start;
    this.pool = new WorkerPool({ create: () => start(this.#ids), ...(count === undefined ? {} : { count }) });
  }

  /** The pool for an inventory by these catalogers: shared where they are `all` that are asked without a name. */
  poolFor(ids: readonly string[], all: readonly string[]): WorkerOptions | WorkerPool {
    // Known from the first inventory on, before which no thread is started.
    this.#ids = all;
    const isSame = ids.length === all.length && ids.every((id, index) => id === all[index]);
    return isSame ? this.pool : { count: this.pool.count, create: () => this.start(ids) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool[Symbol.asyncDispose]();
  }
}

/**
 * What is in an image: every layer is read once, in parallel with the others, and nothing is extracted. The same
 * layers give the same inventory, whatever the order they arrive in.
 *
 * Throws `CATALOGER_UNKNOWN` and what walking the layers throws.
 */
export async function takeInventory(input: InventoryInput, options: InventoryOptions = {}): Promise<Inventory> {
  const { catalogers: ids, declared = false, scope = "squashed", workers = {}, ...walk } = options;
  const { chooseCatalogers } = await import("./choose-catalogers.ts");
  const chosen = chooseCatalogers(ids, declared);
  const named = chosen.map(({ id }) => id);
  const threads =
    workers instanceof InventoryWorkers
      ? workers.poolFor(
          named,
          chooseCatalogers(undefined).map(({ id }) => id),
        )
      : threadsFor(named, workers);
  const root = await walkLayers(input.layers, chosen, { ...walk, workers: threads });
  const layers = input.layers.map(layerInfo);
  const allLayers = scope === "all-layers";
  return catalogInventory({ subject: input.subject, layers, catalogers: chosen, root, allLayers });
}

function threadsFor(
  ids: readonly string[],
  workers: Exclude<NonNullable<InventoryOptions["workers"]>, InventoryWorkers>,
): WorkerOptions | false {
  if (workers === false) return false;
  const { start = startWorker, ...rest } = workers;
  return { ...rest, create: () => start(ids) };
}

/** Starts a thread for layers: its entry lies beside this file, in the source, in a package and in a bundle alike. */
function startWorker(ids: readonly string[]): Worker {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new Worker(new URL(`./layer-worker.${extension}`, import.meta.url), { workerData: ids });
}

function layerInfo({ descriptor, diffId, createdBy }: InventoryLayer): LayerInfo {
  const { digest, mediaType, size } = descriptor;
  return defined<LayerInfo>({ digest, diffId, mediaType, size, createdBy });
}
