import { digestAlgorithm, type DigestAlgorithm } from "@sc/model";
import type { MemoryBudget } from "./memory-budget.ts";
import { readFileRange } from "./file-range.ts";
import type { FileReader } from "./file-reader.ts";
import type { LayerSource } from "./layer.ts";
import type { HashAlgorithms, LayerHashes } from "./layer-hashes.ts";
import type { LayerRecord, LinkedFact, LinkedRead } from "./layer-record.ts";
import type { RootfsLimits } from "./limits.ts";
import { readLinkedFiles, walkLayer } from "./walk-layer.ts";

/** Reads layers somewhere: in this thread, in workers, out of a cache. */
export interface LayerWalker {
  /** Everything a layer holds. */
  layer(layer: LayerSource): Promise<LayerRecord>;
  /** Single files of a layer, under the paths they are wanted at. */
  linked(layer: LayerSource, reads: readonly LinkedRead[]): Promise<readonly LinkedFact[]>;
}

/** How the layers of one image are read. */
export interface LayerWalkerOptions {
  readonly limits: RootfsLimits;
  readonly budget: MemoryBudget;
  readonly signal: AbortSignal | undefined;
  /** Hash the content too, where a layer names a diffID that it can be compared with. */
  readonly verifyDiffIds: boolean;
  /** Takes digests elsewhere than in the thread that walks. */
  readonly openHashes?: (algorithms: HashAlgorithms) => LayerHashes;
}

/** The algorithm that a layer's content is hashed by; none where nothing can be compared with it. */
export function contentAlgorithmOf(
  { diffId }: LayerSource,
  { verifyDiffIds }: LayerWalkerOptions,
): DigestAlgorithm | undefined {
  return verifyDiffIds && diffId !== undefined ? digestAlgorithm(diffId) : undefined;
}

/** A walker that reads layers in this thread, where other work has its turn between chunks. */
export function inProcessWalker(readers: readonly FileReader<unknown>[], options: LayerWalkerOptions): LayerWalker {
  return {
    async layer(layer: LayerSource): Promise<LayerRecord> {
      options.signal?.throwIfAborted();
      return walkLayer(await openLayer(layer), readers, {
        ...options,
        descriptor: layer.descriptor,
        contentAlgorithm: contentAlgorithmOf(layer, options),
      });
    },
    async linked(layer: LayerSource, reads: readonly LinkedRead[]): Promise<readonly LinkedFact[]> {
      options.signal?.throwIfAborted();
      return readLinkedFiles(await openLayer(layer), readers, { ...options, descriptor: layer.descriptor, reads });
    },
  };
}

async function openLayer(layer: LayerSource): Promise<AsyncIterable<Uint8Array>> {
  return layer.file === undefined ? layer.open() : readFileRange(layer.file);
}
