import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type InventoryLayer, takeInventory } from "@sc/sbom";
import { catalogers } from "@sc/sbom/catalogers";
import type { RootfsLimits } from "@sc/rootfs";
import { type BuiltLayer, buildLayer } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { folderEntries, layerSource } from "./folder-layer.ts";

const vectors = join(import.meta.dirname, "../vectors/catalogers");

/** The layers of a case, bottom first: as bytes, so that they can be cut anywhere. */
function layersOf(folder: string): BuiltLayer[] {
  const names = readdirSync(folder).filter((name) => name !== "expected.json");
  return names.toSorted().map((name) => buildLayer(folderEntries(join(folder, name)), { compression: "none" }));
}

/** A layer that arrives in pieces of one to 700 bytes, the same in every run. */
function inRandomPieces({ descriptor, diffId, bytes }: BuiltLayer): InventoryLayer {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    let state = 7;
    for (let at = 0; at < bytes.length;) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      const end = at + 1 + ((state >>> 16) % 700);
      yield bytes.subarray(at, end);
      at = end;
    }
  }
  return { descriptor, diffId, open: async () => pieces() };
}

async function taken(layers: readonly InventoryLayer[], limits: Partial<RootfsLimits> = {}): Promise<string> {
  const subject = { type: "image", name: "case" } as const;
  return JSON.stringify(await takeInventory({ subject, layers }, { declared: true, workers: false, limits }));
}

// That the whole is right is shown case by case beside it; here every way to cut the same bytes gives the same.
describe.each(catalogers.map(({ id }) => id))("%s", (id) => {
  test.each(readdirSync(join(vectors, id)))(
    "%s: the inventory is the same from single bytes, and from random pieces of files too large for memory (SBOM-1)",
    async (name) => {
      const layers = layersOf(join(vectors, id, name));
      const whole = await taken(layers.map((layer) => layerSource(layer)));
      const inPieces = layers.map((layer) => inRandomPieces(layer));
      expect(await taken(inPieces, { maxMemoryFileBytes: 1 })).toBe(whole);
      expect(await taken(layers.map((layer) => layerSource(layer, 1)))).toBe(whole);
    },
  );
});
