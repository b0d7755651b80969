import { buildLayer, type LayerEntry, opaqueWhiteout, whiteout } from "@sc/testing";
import { expect, test } from "vitest";
import type { FileReader } from "./file-reader.ts";
import type { RootFilesystem } from "./root-filesystem.ts";
import { walkLayers } from "./walk-layers.ts";

const texts: FileReader<string> = {
  id: "texts",
  version: 1,
  wants: ({ path }) => path.endsWith(".txt"),
  read: (file) =>
    file.text() === "bad" ? { kind: "problem", code: "BAD", message: "it is bad", path: file.path } : file.text(),
};

async function walk(...layers: readonly (readonly LayerEntry[])[]): Promise<RootFilesystem> {
  const sources = layers.map((entries) => {
    const { descriptor, diffId, bytes } = buildLayer(entries);
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield bytes;
    }
    return { descriptor, diffId, open: async () => chunks() };
  });
  return walkLayers(sources, [texts]);
}

/** Path, layer, hiding layer and what was read. */
function hidden(files: RootFilesystem): readonly (readonly unknown[])[] {
  return files.hiddenFacts("texts").map(({ path, layer, hiddenBy, value }) => [path, layer, hiddenBy, value]);
}

const file = (path: string, content: string): LayerEntry => ({ path, content });

test("a file that a whiteout takes away is a hidden fact that names both layers", async () => {
  const files = await walk([file("a/b.txt", "one")], [file("other", "")], [whiteout("a/b.txt")]);
  expect(hidden(files)).toEqual([["a/b.txt", 0, 2, "one"]]);
  expect(files.facts("texts").size).toBe(0);
});

test("a file hidden with the directory it lies in is a hidden fact, whatever hides the directory", async () => {
  const base = [file("a/b/c.txt", "one")];
  expect(hidden(await walk(base, [whiteout("a")]))).toEqual([["a/b/c.txt", 0, 1, "one"]]);
  expect(hidden(await walk(base, [opaqueWhiteout("a")]))).toEqual([["a/b/c.txt", 0, 1, "one"]]);
  expect(hidden(await walk(base, [file("a", "no directory")]))).toEqual([["a/b/c.txt", 0, 1, "one"]]);
});

test("every replaced content of a file is a hidden fact, oldest first, and the last is not", async () => {
  const files = await walk([file("b.txt", "one")], [file("b.txt", "two")], [file("b.txt", "three")]);
  expect(hidden(files).map(([, layer, , value]) => [layer, value])).toEqual([
    [0, "one"],
    [1, "two"],
  ]);
  expect(Object.fromEntries(files.facts("texts"))).toEqual({ "b.txt": "three" });
});

test("what a layer itself overwrites was never in an image and is no hidden fact", async () => {
  const files = await walk([file("b.txt", "never"), file("b.txt", "one")], [whiteout("b.txt")]);
  expect(hidden(files)).toEqual([["b.txt", 0, 1, "one"]]);
  expect(hidden(await walk([file("b.txt", "never"), file("b.txt", "one")]))).toEqual([]);
});

test("a file that a hard link keeps is no hidden fact", async () => {
  const link: LayerEntry = { path: "kept.txt", type: "hardlink", linkTarget: "b.txt" };
  const files = await walk([file("b.txt", "one"), link], [whiteout("b.txt")]);
  expect([...files.facts("texts").values()]).toEqual(["one"]);
  expect(hidden(files)).toEqual([]);
});

test("a problem of a hidden file is told apart from those of the image", async () => {
  const files = await walk([file("b.txt", "bad")], [whiteout("b.txt")]);
  expect(files.problems).toEqual([]);
  expect(files.hiddenProblems).toMatchObject([{ code: "BAD", path: "b.txt" }]);
});
