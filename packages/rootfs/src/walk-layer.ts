import { decompress, TarReader, type TarVisitor } from "@sc/archive";
import {
  createDigest,
  type Descriptor,
  digestAlgorithm,
  type Digest,
  type DigestStream,
  type Problem,
  ScError,
} from "@sc/model";
import type { MemoryBudget } from "./capture.ts";
import type { FileReader } from "./file-reader.ts";
import type { LayerRecord, LinkedFact, LinkedRead } from "./layer-record.ts";
import { LayerVisitor } from "./layer-visitor.ts";
import type { RootfsLimits } from "./limits.ts";
import { LinkedVisitor } from "./linked-visitor.ts";

/** What is read and what it must be. */
export interface LayerJob {
  readonly descriptor: Descriptor;
  /** Verified when given. */
  readonly diffId?: Digest;
}

/** What the reading of a layer needs besides its bytes. */
export interface LayerWalkOptions {
  readonly budget: MemoryBudget;
  readonly limits: RootfsLimits;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads one layer in one pass and gives what it holds, but only once its digest and its size are verified.
 *
 * Throws `LAYER_DIGEST_MISMATCH`, `LAYER_SIZE_MISMATCH`, `IMAGE_LIMIT_EXCEEDED`, and what decompression and the tar
 * reader throw. A diffID that differs is a problem in the record.
 */
export async function walkLayer(
  source: AsyncIterable<Uint8Array>,
  readers: readonly FileReader<unknown>[],
  { job, ...options }: LayerWalkOptions & { readonly job: LayerJob },
): Promise<LayerRecord> {
  using visitor = new LayerVisitor(readers, { digest: job.descriptor.digest, ...options });
  const { trailingData, problems } = await passLayer(source, visitor, { job, ...options });
  const record = visitor.finish({ trailingData });
  return { ...record, problems: [...record.problems, ...problems.map((problem) => ({ problem }))] };
}

/** Reads single files of a layer again, each under the path it is wanted at. Verifies and throws as `walkLayer`. */
export async function readLinkedFiles(
  source: AsyncIterable<Uint8Array>,
  readers: readonly FileReader<unknown>[],
  { job, reads, ...options }: LayerWalkOptions & { readonly job: LayerJob; readonly reads: readonly LinkedRead[] },
): Promise<readonly LinkedFact[]> {
  using visitor = new LinkedVisitor(readers, { digest: job.descriptor.digest, reads, ...options });
  await passLayer(source, visitor, { job: { descriptor: job.descriptor }, ...options });
  return visitor.facts;
}

async function passLayer(
  source: AsyncIterable<Uint8Array>,
  visitor: TarVisitor,
  { job, limits, signal }: LayerWalkOptions & { readonly job: LayerJob },
): Promise<{ readonly trailingData: boolean; readonly problems: readonly Problem[] }> {
  const { descriptor, diffId } = job;
  const where = `layer ${descriptor.digest}`;
  const reader = new TarReader(visitor, { where, limits: { maxEntries: limits.maxEntries } });
  const content: DigestStream | undefined = diffId === undefined ? undefined : createDigest(digestAlgorithm(diffId));
  const archiveLimits = { maxOutputBytes: limits.maxLayerContentBytes, maxRatio: limits.maxRatio };
  const output = decompress(verified(source, { descriptor, limits }), {
    where,
    limits: archiveLimits,
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const chunk of output) {
    reader.push(chunk);
    content?.update(chunk);
  }
  const { trailingData } = reader.end();
  const got = content?.finish();
  if (got === undefined || got === diffId) return { trailingData, problems: [] };
  const message = `the layer's content is ${got}, the image's config says ${diffId}`;
  const problem: Problem = { kind: "problem", code: "DIFF_ID_MISMATCH", message, layer: descriptor.digest };
  return { trailingData, problems: [problem] };
}

/** The source's bytes; it throws at the end, or as soon as it is clear, when they are not the descriptor's. */
async function* verified(
  source: AsyncIterable<Uint8Array>,
  { descriptor, limits }: { readonly descriptor: Descriptor; readonly limits: RootfsLimits },
): AsyncGenerator<Uint8Array> {
  const { digest, size } = descriptor;
  if (size > limits.maxLayerBytes) {
    throw new ScError(
      "IMAGE_LIMIT_EXCEEDED",
      `layer ${digest}: it has ${size} bytes, at most ${limits.maxLayerBytes} are read`,
    );
  }
  const hash = createDigest(digestAlgorithm(digest));
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > size) {
      throw new ScError("LAYER_SIZE_MISMATCH", `layer ${digest}: more bytes came than the ${size} its descriptor says`);
    }
    hash.update(chunk);
    yield chunk;
  }
  if (bytes !== size) {
    throw new ScError("LAYER_SIZE_MISMATCH", `layer ${digest}: got ${bytes} bytes, its descriptor says ${size}`);
  }
  const got = hash.finish();
  if (got !== digest) throw new ScError("LAYER_DIGEST_MISMATCH", `layer ${digest}: its bytes are ${got}`);
}
