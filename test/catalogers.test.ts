import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Inventory, isDigest } from "@sc/model";
import { takeInventory } from "@sc/sbom";
import { catalogers } from "@sc/sbom/catalogers";
import { expect, test } from "vitest";
import { caseLayers } from "./folder-layer.ts";

const vectors = join(import.meta.dirname, "../vectors/catalogers");

/** What a case states: the inventory without what is the same in every case, and paths and layer numbers for places. */
function stated(inventory: Inventory): unknown {
  return JSON.parse(
    JSON.stringify({
      distribution: inventory.distribution,
      packages: inventory.packages.map(({ kind: _kind, locations, ...entry }) => ({
        ...entry,
        locations: locations.map(({ path, layerIndex }) => (layerIndex === 0 ? path : `${layerIndex}:${path}`)),
      })),
      relationships: inventory.relationships,
      problems: inventory.problems.map(({ kind: _kind, layer: _layer, ...problem }) => problem),
      incomplete: inventory.incomplete,
    }),
  );
}

for (const id of readdirSync(vectors)) {
  for (const name of readdirSync(join(vectors, id))) {
    const folder = join(vectors, id, name);
    test(`${id}: ${name.replaceAll("-", " ")} (SBOM-2, SBOM-3)`, async () => {
      const input = { subject: { type: "image", name: "case" }, layers: caseLayers(folder) } as const;
      const declared = catalogers.find((cataloger) => cataloger.id === id)?.evidence === "declared";
      const inventory = await takeInventory(input, { declared });
      const expected: unknown = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
      expect(stated(inventory)).toEqual(expected);
      for (const { locations } of inventory.packages) {
        for (const location of locations) expect(isDigest(location.layer) && isDigest(location.diffId)).toBe(true);
      }
    });
  }
}
