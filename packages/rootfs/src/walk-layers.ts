import { type Call, type Problem, ScError } from "@sc/model";
import { MemoryBudget } from "./memory-budget.ts";
import { logBytes } from "./entry-log.ts";
import type { FileReader } from "./file-reader.ts";
import type { LayerSource } from "./layer.ts";
import { CachingWalker } from "./layer-cache.ts";
import type { LayerRecord } from "./layer-record.ts";
import { inProcessWalker, type LayerWalker, type LayerWalkerOptions } from "./layer-walker.ts";
import { type RootfsLimits, rootfsLimits } from "./limits.ts";
import { LayerMerge } from "./merge-layers.ts";
import type { RootFilesystem } from "./root-filesystem.ts";
import { CompletingWalker } from "./unheld-files.ts";
import { canHashBeside, concurrencyOf, type WorkerOptions, WorkerPool } from "./worker-pool.ts";
import { WorkerWalker } from "./worker-walker.ts";

/** How layers are walked. */
export interface WalkLayersOptions extends Call {
  /** Compare each layer's content with the diffID its source names; what differs is a problem. On by default. */
  readonly verifyDiffIds?: boolean;
  /**
   * Read several layers in worker threads, one each; a large layer alone, or one that would hold the others up, is walked
   * in this thread while another takes its digests. Off by default: layers are then read in this thread, chunk by chunk, as
   * is what is too small to be worth a thread. A pool is shared with other calls and left open.
   */
  readonly workers?: WorkerOptions | WorkerPool | false;
  /** Where facts of layers are kept between runs; off by default. */
  readonly cacheDirectory?: string;
  readonly limits?: Partial<RootfsLimits>;
}

/** Fewer compressed bytes than this are read faster than workers start. */
const workerThresholdBytes = 8 * 2 ** 20;

/**
 * The files that layers come to, bottom layer first, and what readers say of those they want.
 *
 * Each layer passes once, in parallel with the others; nothing is extracted. Facts of a layer are released only after
 * its digest and size are verified. Evidence that is wanted under a path which only the merged image has (behind
 * links) is read in a second pass over just the layers that hold it. With a cache a layer that was read before is not
 * read again.
 *
 * Throws `LAYER_DIGEST_MISMATCH`, `LAYER_SIZE_MISMATCH`, `IMAGE_LIMIT_EXCEEDED`, `WORKER_FAILED`, what decompression,
 * the tar reader and the layers' sources throw, and the signal's reason.
 */
export async function walkLayers(
  layers: readonly LayerSource[],
  readers: readonly FileReader<unknown>[],
  options: WalkLayersOptions = {},
): Promise<RootFilesystem> {
  const { verifyDiffIds = true, workers = false, cacheDirectory, onProgress } = options;
  const limits: RootfsLimits = { ...rootfsLimits, ...options.limits };
  checkArguments(layers, readers, limits);
  const budget = new MemoryBudget(limits.maxMemoryBytes);
  // When one layer fails the others are not read to their ends.
  using failure = stopOnDispose();
  const signal = options.signal === undefined ? failure.signal : AbortSignal.any([options.signal, failure.signal]);
  const common = { limits, budget, signal, verifyDiffIds, onProgress };
  const inProcess = (parts: Pick<LayerWalkerOptions, "openHashes">): LayerWalker =>
    inProcessWalker(readers, { ...common, ...parts });
  const unique = uniqueLayers(layers);
  const left = new Map(unique.map(({ descriptor: { digest, size } }) => [digest, size]));
  const threads = workers !== false && areWorth(workers, unique) ? workers : undefined;
  await using lent = threads === undefined ? undefined : lend(threads);
  const direct = new CompletingWalker(
    lent === undefined ? inProcess({}) : new WorkerWalker(lent.pool, { ...common, left, inProcess }),
  );
  const cache = cacheDirectory === undefined ? undefined : { ...common, directory: cacheDirectory };
  const caching = cache === undefined ? undefined : new CachingWalker(direct, readers, cache);
  const walker = caching ?? direct;

  const concurrency = concurrencyOf(workers === false ? undefined : workers.count);
  const sum = new ImageSum(layers, limits);
  const records = await mapConcurrently(unique, concurrency, async (layer) => {
    const record = await walker.layer(layer);
    sum.add(record);
    left.delete(layer.descriptor.digest);
    return [layer.descriptor.digest, record] as const;
  });
  const byDigest = new Map(records);
  const ordered = layers.flatMap((layer) => byDigest.get(layer.descriptor.digest) ?? []);
  const merge = new LayerMerge(ordered, { readers, limits });
  const linked = [...merge.findLinkedEvidence(readers, limits)];
  const linkedFacts = await mapConcurrently(linked, concurrency, async ([index, reads]) => {
    const layer = layers[index];
    return layer === undefined ? [] : walker.linked(layer, reads);
  });
  for (const facts of linkedFacts) merge.addLinkedFacts(facts);
  merge.addProblems(layers.flatMap((layer) => diffIdProblem(layer, byDigest.get(layer.descriptor.digest))));
  return merge.finish(
    ordered.map(({ digest, entries }) => ({ digest, entries, cached: caching?.hits.has(digest) === true })),
  );
}

/** The pool that is shared, or one that ends with its use. */
function lend(workers: WorkerOptions | WorkerPool): AsyncDisposable & { readonly pool: WorkerPool } {
  const isShared = workers instanceof WorkerPool;
  const pool = isShared ? workers : new WorkerPool(workers);
  return { pool, [Symbol.asyncDispose]: async () => (isShared ? undefined : await pool[Symbol.asyncDispose]()) };
}

function stopOnDispose(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  return { signal: controller.signal, [Symbol.dispose]: () => controller.abort() };
}

function checkArguments(
  layers: readonly LayerSource[],
  readers: readonly FileReader<unknown>[],
  { maxLayers }: RootfsLimits,
): void {
  if (layers.length > maxLayers) {
    throw new ScError("IMAGE_LIMIT_EXCEEDED", `the image has ${layers.length} layers, at most ${maxLayers} are read`);
  }
  const ids = new Set(readers.map(({ id }) => id));
  if (ids.size < readers.length) throw new TypeError("two readers have the same id");
}

/** What the layers read so far come to. A layer is read once, and put on top as often as the image names it. */
class ImageSum {
  readonly #times = new Map<string, number>();
  readonly #limits: RootfsLimits;
  #entries = 0;
  #pathBytes = 0;

  constructor(layers: readonly LayerSource[], limits: RootfsLimits) {
    this.#limits = limits;
    for (const { descriptor } of layers) {
      this.#times.set(descriptor.digest, (this.#times.get(descriptor.digest) ?? 0) + 1);
    }
  }

  /** Throws `IMAGE_LIMIT_EXCEEDED`. */
  add({ digest, entries, log }: LayerRecord): void {
    const { maxEntries, maxPathBytes } = this.#limits;
    this.#entries += entries * (this.#times.get(digest) ?? 1);
    this.#pathBytes += logBytes(log);
    if (this.#entries > maxEntries) {
      throw new ScError("IMAGE_LIMIT_EXCEEDED", `the image's layers have more than ${maxEntries} entries together`);
    }
    if (this.#pathBytes > maxPathBytes) {
      throw new ScError("IMAGE_LIMIT_EXCEEDED", `the paths of the image's layers take more than ${maxPathBytes} bytes`);
    }
  }
}

function areWorth(workers: WorkerOptions, layers: readonly LayerSource[]): boolean {
  const bytes = layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
  return layers.length > 1 ? bytes >= workerThresholdBytes : canHashBeside(workers, bytes);
}

/** Each layer once, though it may stand in an image twice; the largest first, for it is what takes longest. */
function uniqueLayers(layers: readonly LayerSource[]): readonly LayerSource[] {
  const unique = new Map<string, LayerSource>();
  for (const layer of layers) {
    const { digest } = layer.descriptor;
    if (unique.get(digest)?.diffId === undefined) unique.set(digest, layer);
  }
  return [...unique.values()].toSorted((a, b) => b.descriptor.size - a.descriptor.size);
}

function diffIdProblem({ descriptor, diffId }: LayerSource, record: LayerRecord | undefined): readonly Problem[] {
  const got = record?.contentDigest;
  if (diffId === undefined || got === undefined || got === diffId) return [];
  const message = `the layer's content is ${got}, the image's config says ${diffId}`;
  return [{ kind: "problem", code: "DIFF_ID_MISMATCH", message, layer: descriptor.digest }];
}

/** Runs work over items, so many at once, results in the items' order; the first failure stops what has not begun. */
async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Map<number, Result>();
  const queue = items.entries();
  let failed = false;
  const run = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return;
      try {
        results.set(index, await work(item));
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, run));
  return items.flatMap((_, index) => {
    const result = results.get(index);
    return result === undefined ? [] : [result];
  });
}
