import { decompress, TarReader, type TarSummary, type TarVisitor } from "@sc/archive";
import { type Descriptor, type Digest, digestAlgorithm, type DigestAlgorithm, ScError } from "@sc/model";
import type { MemoryBudget } from "./memory-budget.ts";
import type { FileReader } from "./file-reader.ts";
import { type ByteHash, createLayerHashes, type HashAlgorithms, type LayerHashes } from "./layer-hashes.ts";
import type { LayerRecord, LinkedFact, LinkedRead } from "./layer-record.ts";
import { LayerVisitor } from "./layer-visitor.ts";
import type { RootfsLimits } from "./limits.ts";
import { LinkedVisitor } from "./linked-visitor.ts";

/** What the reading of a layer needs besides its bytes. */
export interface LayerWalkOptions {
  readonly descriptor: Descriptor;
  readonly budget: MemoryBudget;
  readonly limits: RootfsLimits;
  readonly signal?: AbortSignal | undefined;
  /** Takes digests elsewhere than in this thread. */
  readonly openHashes?: (algorithms: HashAlgorithms) => LayerHashes;
}

/**
 * Reads one layer in one pass and gives what it holds, but only once its digest and its size are verified.
 *
 * With `contentAlgorithm` the record has the digest of the content, to be compared with a diffID. Throws
 * `LAYER_DIGEST_MISMATCH`, `LAYER_SIZE_MISMATCH`, `IMAGE_LIMIT_EXCEEDED`, and what decompression and the tar reader
 * throw.
 */
export async function walkLayer(
  source: AsyncIterable<Uint8Array>,
  readers: readonly FileReader<unknown>[],
  options: LayerWalkOptions & { readonly contentAlgorithm: DigestAlgorithm | undefined },
): Promise<LayerRecord> {
  using visitor = new LayerVisitor(readers, { ...options, digest: options.descriptor.digest });
  const { summary, contentDigest } = await passLayer(source, visitor, options);
  return { ...visitor.finish(summary), ...(contentDigest === undefined ? {} : { contentDigest }) };
}

/** Reads single files of a layer again, each under the path it is wanted at. Verifies and throws as `walkLayer`. */
export async function readLinkedFiles(
  source: AsyncIterable<Uint8Array>,
  readers: readonly FileReader<unknown>[],
  options: LayerWalkOptions & { readonly reads: readonly LinkedRead[] },
): Promise<readonly LinkedFact[]> {
  using visitor = new LinkedVisitor(readers, { ...options, digest: options.descriptor.digest });
  await passLayer(source, visitor, { ...options, contentAlgorithm: undefined });
  return visitor.finish();
}

interface PassOptions extends LayerWalkOptions {
  readonly contentAlgorithm: DigestAlgorithm | undefined;
}

interface Passed {
  readonly summary: TarSummary;
  readonly contentDigest: Digest | undefined;
}

async function passLayer(
  source: AsyncIterable<Uint8Array>,
  visitor: TarVisitor,
  { descriptor, limits, signal, contentAlgorithm, openHashes = createLayerHashes }: PassOptions,
): Promise<Passed> {
  const where = `layer ${descriptor.digest}`;
  const reader = new TarReader(visitor, { where, limits: { maxEntries: limits.maxEntries } });
  await using hashes = openHashes({ stored: digestAlgorithm(descriptor.digest), content: contentAlgorithm });
  const { stored, content, nextOutput } = hashes;
  const output = decompress(verified(source, stored, { descriptor, limits }), {
    where,
    reuseOutput: true,
    limits: { maxOutputBytes: limits.maxLayerContentBytes, maxRatio: limits.maxRatio },
    ...(signal === undefined ? {} : { signal }),
    ...(content === undefined || nextOutput === undefined ? {} : { nextOutput }),
  });
  for await (const chunk of output) {
    reader.push(chunk);
    await content?.update(chunk);
  }
  return { summary: reader.end(), contentDigest: await content?.finish() };
}

/** The source's bytes; it throws at the end, or as soon as it is clear, when they are not the descriptor's. */
async function* verified(
  source: AsyncIterable<Uint8Array>,
  hash: ByteHash,
  { descriptor, limits }: { readonly descriptor: Descriptor; readonly limits: RootfsLimits },
): AsyncGenerator<Uint8Array> {
  const { digest, size } = descriptor;
  if (size > limits.maxLayerBytes) {
    throw new ScError(
      "IMAGE_LIMIT_EXCEEDED",
      `layer ${digest}: it has ${size} bytes, at most ${limits.maxLayerBytes} are read`,
    );
  }
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > size) {
      throw new ScError("LAYER_SIZE_MISMATCH", `layer ${digest}: more bytes came than the ${size} its descriptor says`);
    }
    await hash.update(chunk);
    yield chunk;
  }
  if (bytes !== size) {
    throw new ScError("LAYER_SIZE_MISMATCH", `layer ${digest}: got ${bytes} bytes, its descriptor says ${size}`);
  }
  const got = await hash.finish();
  if (got !== digest) throw new ScError("LAYER_DIGEST_MISMATCH", `layer ${digest}: its bytes are ${got}`);
}
