import { availableParallelism } from "node:os";
import { type Call, ScError } from "@sc/model";
import { MemoryBudget } from "./capture.ts";
import type { FileReader } from "./file-reader.ts";
import type { LayerSource } from "./layer.ts";
import type { LayerRecord, LinkedFact, LinkedRead } from "./layer-record.ts";
import { type RootfsLimits, rootfsLimits } from "./limits.ts";
import { LayerMerge } from "./merge-layers.ts";
import type { RootFilesystem } from "./root-filesystem.ts";
import { readLinkedFiles, walkLayer } from "./walk-layer.ts";

/** How layers are walked. */
export interface WalkLayersOptions extends Call {
  /** Compare each layer's content with the diffID its source names; what differs is a problem. On by default. */
  readonly verifyDiffIds?: boolean;
  readonly limits?: Partial<RootfsLimits>;
}

/**
 * The files that layers come to, bottom layer first, and what readers say of those they want.
 *
 * Each layer passes once, in parallel with the others; nothing is extracted. Facts of a layer are released only after
 * its digest and size are verified. Evidence that is wanted under a path which only the merged image has (behind
 * links) is read in a second pass over just the layers that hold it.
 *
 * Throws `LAYER_DIGEST_MISMATCH`, `LAYER_SIZE_MISMATCH`, `IMAGE_LIMIT_EXCEEDED`, what decompression, the tar reader
 * and the layers' sources throw, and the signal's reason.
 */
export async function walkLayers(
  layers: readonly LayerSource[],
  readers: readonly FileReader<unknown>[],
  { verifyDiffIds = true, limits: given, signal }: WalkLayersOptions = {},
): Promise<RootFilesystem> {
  const limits: RootfsLimits = { ...rootfsLimits, ...given };
  if (layers.length > limits.maxLayers) {
    throw new ScError(
      "IMAGE_LIMIT_EXCEEDED",
      `the image has ${layers.length} layers, at most ${limits.maxLayers} are read`,
    );
  }
  const walk = new InProcessWalk(readers, { limits, signal, verifyDiffIds });
  const records = await mapConcurrently(layers, availableParallelism(), (layer) => walk.layer(layer));
  const merge = new LayerMerge(records, { readers, limits });
  const linked = [...merge.findLinkedEvidence(readers, limits)];
  const linkedFacts = await mapConcurrently(linked, availableParallelism(), ([index, reads]) =>
    walk.linked(layers[index], reads),
  );
  for (const facts of linkedFacts) merge.addLinkedFacts(facts);
  return merge.finish(records.map(({ digest, entries }) => ({ digest, entries, cached: false })));
}

interface InProcessOptions {
  readonly limits: RootfsLimits;
  readonly signal: AbortSignal | undefined;
  readonly verifyDiffIds: boolean;
}

class InProcessWalk {
  readonly #readers: readonly FileReader<unknown>[];
  readonly #options: InProcessOptions;
  readonly #budget: MemoryBudget;

  constructor(readers: readonly FileReader<unknown>[], options: InProcessOptions) {
    this.#readers = readers;
    this.#options = options;
    this.#budget = new MemoryBudget(options.limits.maxMemoryBytes);
  }

  async layer(layer: LayerSource): Promise<LayerRecord> {
    const { descriptor, diffId } = layer;
    const { limits, signal, verifyDiffIds } = this.#options;
    signal?.throwIfAborted();
    const job = { descriptor, ...(verifyDiffIds && diffId !== undefined ? { diffId } : {}) };
    return walkLayer(await layer.open(), this.#readers, { job, budget: this.#budget, limits, signal });
  }

  async linked(layer: LayerSource | undefined, reads: readonly LinkedRead[]): Promise<readonly LinkedFact[]> {
    if (layer === undefined) return [];
    const { limits, signal } = this.#options;
    signal?.throwIfAborted();
    const job = { descriptor: layer.descriptor };
    return readLinkedFiles(await layer.open(), this.#readers, { job, reads, budget: this.#budget, limits, signal });
  }
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
