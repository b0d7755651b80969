import { type Descriptor, formatCount, type Inventory, type InventorySubject, type ProgressListener } from "@sc/model";
import type { RootfsLimits } from "@sc/rootfs";
import {
  type InventoryOptions as TakeOptions,
  type InventoryScope,
  type InventoryWorkers,
  type StartLayerWorker,
  takeInventory,
} from "@sc/sbom";
import type { PipelineCall } from "./connect.ts";
import { contentsIn, inventoryKey, openInventoryCache } from "./inventory-cache.ts";
import { bytesOf, type ResultCacheOptions } from "./result-cache.ts";
import { type OpenedImage, openImage, type OpenImageOptions } from "./open-image.ts";
import { runStage } from "./stage.ts";

/** How an inventory is taken. */
export interface InventoryOptions extends PipelineCall, Pick<OpenImageOptions, "platform"> {
  /** The ids of the catalogers to ask; all when not given. */
  readonly catalogers?: readonly string[] | undefined;
  /** Ask the catalogers of lock files and manifests as well. Off by default. */
  readonly declared?: boolean | undefined;
  /** The packages of the final image, `squashed`, which is the default, or those of `all-layers`. */
  readonly scope?: InventoryScope | undefined;
  readonly limits?: Partial<RootfsLimits> | undefined;
  /** Where facts of layers are kept between runs, so that a layer that was read is not read again. Off by default. */
  readonly cacheDirectory?: string | undefined;
  /**
   * Where whole inventories are kept by image and options, and by `secure` the documents made from them, for a day where it
   * does not say; nowhere by default.
   */
  readonly results?: (ResultCacheOptions & { readonly now?: Date | undefined }) | undefined;
  /**
   * Worker threads for several layers: how many, one per core by default; `false` for none; or how one is started, where
   * a bundle has their entry elsewhere. `InventoryWorkers` of @sc/sbom are shared with other calls. Where a thread cannot
   * be started, a notice says so and layers are read without.
   */
  readonly workers?: number | false | StartLayerWorker | InventoryWorkers | undefined;
}

/**
 * What is in an image, by reference or already open: each layer is read once. Throws what `takeInventory` of @sc/sbom
 * throws, and for a reference what `openImage` throws.
 */
export async function inventory(image: OpenedImage | string, options: InventoryOptions = {}): Promise<Inventory> {
  if (typeof image !== "string") return (await inventoryKept(image, options)).read();
  const { connection, platform, signal, onProgress } = options;
  await using opened = await openImage(image, { connection, platform, signal, onProgress });
  return (await inventoryKept(opened, options)).read();
}

/** What is in an image: taken now, or kept by an earlier run and then only read by whoever needs more than its subject. */
export interface KeptInventory {
  readonly subject: InventorySubject;
  /** How many there are. */
  readonly packages: number;
  readonly incomplete: boolean;
  readonly cached: boolean;
  read(): Inventory;
}

/** The same of an open image; says whether the inventory is one that was kept. */
export async function inventoryKept(opened: OpenedImage, options: InventoryOptions): Promise<KeptInventory> {
  const { results, catalogers = null, declared = false, scope = "squashed", limits = {}, onProgress } = options;
  const subject = subjectOf(opened);
  if (results === undefined || subject.digest === undefined || subject.type !== "image") {
    return taken(await takeFrom(opened, options));
  }
  const began = performance.now();
  const { now = new Date() } = results;
  const cache = openInventoryCache(results, onProgress);
  const key = inventoryKey(subject.digest, { catalogers, declared, scope, limits: { ...limits } });
  const known = cache.recall(key, now);
  if (known === undefined) {
    const fresh = await takeFrom(opened, options);
    const { subject: _, ...contents } = fresh;
    const facts = { packages: countTypes(fresh.packages) };
    if (!fresh.incomplete) await cache.keep(key, { facts, bytes: bytesOf(contents) }, now);
    return taken(fresh);
  }
  const { facts, bytes } = known;
  const milliseconds = Math.round(performance.now() - began);
  const detail = `${describeCounts(facts.packages)}, from cache`;
  onProgress?.({ type: "stage", subject: opened.text, stage: "inventory", state: "cached", milliseconds, detail });
  let read: Inventory | undefined;
  return {
    subject,
    packages: sumOf(facts.packages),
    incomplete: false,
    cached: true,
    read: () => (read ??= { subject, ...contentsIn(bytes) }),
  };
}

function taken(fresh: Inventory): KeptInventory {
  const { subject, packages, incomplete } = fresh;
  return { subject, packages: packages.length, incomplete, cached: false, read: () => fresh };
}

async function takeFrom(opened: OpenedImage, options: InventoryOptions): Promise<Inventory> {
  const { catalogers, declared, scope, limits, cacheDirectory, workers, signal, onProgress } = options;
  const call = { signal, onProgress };
  const tell = announce(opened, onProgress);
  const layers = opened.image.layers.map((layer) => ({
    descriptor: layer.descriptor,
    onKnown: () => tell(layer.descriptor, 0),
    diffId: layer.diffId,
    open: () => layer.open(call),
    ...(layer.createdBy === undefined ? {} : { createdBy: layer.createdBy }),
    ...(layer.range === undefined ? {} : { file: layer.range }),
  }));
  return await runStage({ name: "inventory", subject: opened.text, call, detail: describeInventory }, () => {
    // Before the first byte: a sum that grows with every layer that is begun would run backwards.
    for (const { descriptor } of layers) tell(descriptor, descriptor.size);
    return takeInventory(
      { subject: subjectOf(opened), layers },
      {
        ...call,
        ...(catalogers === undefined ? {} : { catalogers }),
        ...(declared === undefined ? {} : { declared }),
        ...(scope === undefined ? {} : { scope }),
        ...(limits === undefined ? {} : { limits }),
        ...(cacheDirectory === undefined ? {} : { cacheDirectory }),
        ...(workers === undefined ? {} : { workers: threadsOf(workers) }),
      },
    );
  });
}

/** Says how many bytes of a layer are to be fetched. Only registries report what passes; of the others nothing is said. */
function announce(
  { reference, source }: OpenedImage,
  onProgress: ProgressListener | undefined,
): (layer: Descriptor, totalBytes: number) => void {
  const subject = source.repository;
  return ({ digest }, totalBytes) => {
    if (reference.scheme !== "registry") return;
    onProgress?.({ type: "blob", action: "fetch", subject, digest, doneBytes: 0, totalBytes });
  };
}

function threadsOf(workers: NonNullable<InventoryOptions["workers"]>): NonNullable<TakeOptions["workers"]> {
  if (typeof workers === "number") return { count: workers };
  return typeof workers === "function" ? { start: workers } : workers;
}

/** What an inventory of an image says it is about. */
export function subjectOf({ name, reference, image, source }: OpenedImage): InventorySubject {
  const { descriptor, index, platform, config } = image;
  const kinds = { dir: "directory", "rootfs-tar": "rootfs-tar" } as const;
  const type = reference.scheme === "dir" || reference.scheme === "rootfs-tar" ? kinds[reference.scheme] : "image";
  const tag = "tag" in reference ? reference.tag : undefined;
  return {
    type,
    name,
    digest: descriptor.digest,
    ...(index === undefined ? {} : { indexDigest: index.digest }),
    ...(reference.scheme === "registry" ? { repository: source.repository } : {}),
    ...(tag === undefined ? {} : { tag }),
    platform,
    ...(config.created === undefined ? {} : { created: config.created }),
    labels: config.run.labels,
  };
}

/** How many packages there are of each type: `214 packages (deb 141, npm 61)`. */
export function describeInventory({ packages, incomplete }: Inventory): string {
  return `${describeCounts(countTypes(packages))}${incomplete ? ", incomplete" : ""}`;
}

function describeCounts(counts: Readonly<Record<string, number>>): string {
  const types = Object.entries(counts).map(([type, count]) => `${type} ${count}`);
  return `${formatCount(sumOf(counts), "package")}${types.length === 0 ? "" : ` (${types.join(", ")})`}`;
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** The number of packages by purl type, the most frequent first. */
export function countTypes(packages: Inventory["packages"]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { type } of packages) counts.set(type, (counts.get(type) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted((left, right) => right[1] - left[1] || (left[0] < right[0] ? -1 : 1)));
}
