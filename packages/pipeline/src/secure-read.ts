import type { Digest } from "@sc/model";
import { inventoryKept } from "./inventory.ts";
import { openImage } from "./open-image.ts";
import { pinReference } from "./pin.ts";
import { scanKept } from "./scan.ts";
import { type ChainStep, type ImageRun, stopImage } from "./secure-image.ts";

/** Opens the image, fixes what its reference names, and reads what is in it where a later step wants to know. */
export const openAndRead: ChainStep = {
  name: "open",
  part: () => "always",
  run: async (run) => {
    const { image, plan, call } = run;
    await using opened = await openImage(image, { ...call, platform: plan.platform });
    run.digest = (opened.image.index ?? opened.image.descriptor).digest;
    run.pinned = pinReference(opened.reference, run.digest);
    if (plan.sbom === undefined && plan.scan === undefined) return;
    const layers = opened.image.layers.map(({ descriptor }) => descriptor.digest);
    const options = { ...plan.inventory, ...call };
    run.inventory = await afterOthers(run, layers, async () => await inventoryKept(opened, options));
    if (run.inventory.cached) run.fromCache.push("inventory");
  },
};

// A layer that another image is reading just now is waited for: its facts are then found and not read a second time.
async function afterOthers<Value>(
  { plan, reading }: ImageRun,
  layers: readonly Digest[],
  read: () => Promise<Value>,
): Promise<Value> {
  if (plan.inventory?.cacheDirectory === undefined) return await read();
  await Promise.all(layers.map(async (digest) => await reading.get(digest)));
  const done = Promise.withResolvers<void>();
  for (const digest of layers) if (!reading.has(digest)) reading.set(digest, done.promise);
  try {
    return await read();
  } finally {
    done.resolve();
  }
}

/** Matches the inventory against the advisories and judges what is found. A violated gate ends the image. */
export const scanRead: ChainStep = {
  name: "scan",
  part: ({ scan: asked }) => asked,
  run: async (run) => {
    const { plan, call } = run;
    if (run.inventory === undefined || plan.scan === undefined) return;
    const { signal, onProgress } = call;
    const before = plan.scan.earlier?.(run.image);
    const baselines = before === undefined ? [] : [before];
    const database = await run.database();
    const { inventory } = run;
    const { report, cached } = await scanKept(inventory.subject, database, {
      ...plan.scan,
      baselines,
      // As sc image scan names what decides its inventories: one finds what the other has kept.
      inventory: { limits: { ...plan.inventory?.limits }, scope: "squashed" },
      take: () => Promise.resolve(inventory.read()),
      signal,
      onProgress,
    });
    run.report = report;
    if (cached) run.fromCache.push("scan");
    if (run.report.verdict?.outcome === "violation") stopImage(run, "scan", "violation");
  },
};
