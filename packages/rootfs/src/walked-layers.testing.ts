// Layers that are walked in tests of @sc/rootfs, and what is said of them.
import { buildLayer, type BuiltLayer, type LayerEntry } from "@sc/testing";
import { type FileReader, type LayerSource, type RootFilesystem, walkLayers, type WalkLayersOptions } from "./index.ts";

/** Wants what ends in `.txt`, and says what it was given. */
export const texts: FileReader<string> = {
  id: "texts",
  version: 1,
  wants: ({ path }) => path.endsWith(".txt"),
  read: (file) => `${file.path}: ${file.text()}`,
};

/** A source that counts how often it was opened. */
export interface Opened extends LayerSource {
  readonly opened: () => number;
}

/** A layer as a source that gives a thousand bytes at a time. */
export function source(layer: BuiltLayer, given: Partial<LayerSource> = {}): Opened {
  let opened = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < layer.bytes.length; at += 1000) yield layer.bytes.subarray(at, at + 1000);
  }
  const open = async (): Promise<AsyncIterable<Uint8Array>> => {
    opened++;
    return chunks();
  };
  return { descriptor: layer.descriptor, diffId: layer.diffId, open, opened: () => opened, ...given };
}

/** Builds and walks layers. */
export async function walk(
  layers: readonly (readonly LayerEntry[])[],
  { readers = [texts], ...options }: WalkLayersOptions & { readonly readers?: readonly FileReader<unknown>[] } = {},
): Promise<RootFilesystem> {
  return walkLayers(
    layers.map((entries) => source(buildLayer(entries))),
    readers,
    options,
  );
}

/** What the text reader said, as an object. */
export function said(files: RootFilesystem): Record<string, unknown> {
  return Object.fromEntries(files.facts("texts"));
}

/** A file, by default with its path as content. */
export const file = (path: string, content: string = path): LayerEntry => ({ path, content });
export const directory = (path: string): LayerEntry => ({ path, type: "directory" });
export const symlink = (path: string, linkTarget: string): LayerEntry => ({ path, type: "symlink", linkTarget });
export const hardlink = (path: string, linkTarget: string): LayerEntry => ({ path, type: "hardlink", linkTarget });
/** The codes of the problems. */
export const codes = (files: RootFilesystem): readonly string[] => files.problems.map(({ code }) => code);
