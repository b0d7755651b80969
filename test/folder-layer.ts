import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { InventoryLayer } from "@sc/sbom";
import { type BuiltLayer, buildLayer, type LayerEntry } from "@sc/testing";

/** What a folder holds, as the entries of a layer: links as links, parents first, by name; of paths that `keep` takes. */
export function folderEntries(folder: string, keep: (path: string) => boolean = () => true): LayerEntry[] {
  const entries: LayerEntry[] = [];
  const walk = (prefix: string): void => {
    const here = readdirSync(join(folder, prefix), { withFileTypes: true });
    for (const { name } of here.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
      const path = prefix === "" ? name : `${prefix}/${name}`;
      const entry = here.find((one) => one.name === name);
      if (!keep(path)) continue;
      if (entry?.isSymbolicLink())
        entries.push({ path, type: "symlink", linkTarget: readlinkSync(join(folder, path)) });
      else if (entry?.isDirectory()) {
        entries.push({ path, type: "directory" });
        walk(path);
      } else if (entry?.isFile()) entries.push({ path, content: readFileSync(join(folder, path)) });
    }
  };
  walk("");
  return entries;
}

/** A layer as the inventory takes it. */
export function layerSource(
  { descriptor, diffId, bytes }: BuiltLayer,
  chunkBytes: number = bytes.length,
): InventoryLayer {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  return { descriptor, diffId, open: async () => chunks() };
}

/** The layers of a case: one of all that is in `root`, or several, bottom first, in folders named for their place. */
export function caseLayers(folder: string): InventoryLayer[] {
  const names = readdirSync(folder).filter((name) => name === "root" || name.startsWith("layer-"));
  return names.toSorted().map((name) => layerSource(buildLayer(folderEntries(join(folder, name)))));
}
