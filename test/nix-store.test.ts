import { join } from "node:path";
import type { Inventory } from "@sc/model";
import { type InventoryLayer, takeInventory } from "@sc/sbom";
import { buildLayer } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { caseLayers, layerSource } from "./folder-layer.ts";

function inventoryOf(layers: readonly InventoryLayer[]): Promise<Inventory> {
  return takeInventory({ subject: { type: "image", name: "nix" }, layers });
}

/** A folder of Nix's store, whose hash is made of a number. */
function storePath(number: number, rest: string): string {
  return `nix/store/${String(number).padStart(32, "0")}-${rest}`;
}

describe("the store of Nix in images of dockerTools, which have no database (SBOM-2)", () => {
  test("every package of a layer with hundreds of them is listed", async () => {
    const numbers = Array.from({ length: 300 }, (_, number) => number);
    const entries = numbers.map((number) => ({ path: storePath(number, `some-1.${number}/bin/some`), content: "x" }));
    const { packages, problems } = await inventoryOf([layerSource(buildLayer(entries))]);
    expect(problems).toEqual([]);
    expect(packages.map(({ version }) => version).toSorted()).toEqual(
      numbers.map((number) => `1.${number}`).toSorted(),
    );
  });

  test("one that is a single large program is listed", async () => {
    const content = Buffer.alloc(9 * 2 ** 20);
    const entries = [{ path: storePath(1, "large-2.0/bin/large"), content }];
    const { packages, problems } = await inventoryOf([layerSource(buildLayer(entries, { compression: "none" }))]);
    expect(problems).toEqual([]);
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual(["large 2.0"]);
  });

  test("what the database lists is not listed again by its folder", async () => {
    const folder = join(import.meta.dirname, "../vectors/catalogers/nix/database");
    const { packages } = await inventoryOf(caseLayers(folder));
    const nix = packages.filter(({ type }) => type === "nix");
    expect(nix.map(({ cataloger }) => cataloger)).toEqual(nix.map(() => "nix"));
    expect(new Set(nix.map(({ name }) => name)).size).toBe(nix.length);
    expect(nix.length).toBeGreaterThan(0);
  });
});
