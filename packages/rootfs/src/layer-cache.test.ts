import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Progress } from "@sc/model";
import { buildLayer, type BuiltLayer, type LayerEntry } from "@sc/testing";
import type { FileReader } from "./file-reader.ts";
import type { LayerSource } from "./layer.ts";
import type { RootFilesystem } from "./root-filesystem.ts";
import { walkLayers, type WalkLayersOptions } from "./walk-layers.ts";

const texts: FileReader<unknown> = {
  id: "texts",
  version: 1,
  wants: ({ path }) => path.endsWith(".txt"),
  read: (file) =>
    file.text() === "bad"
      ? { kind: "problem", code: "RECORD_MALFORMED", message: "bad", incomplete: true }
      : { text: file.text(), names: [file.path], odd: "\ud800" },
};

const file = (path: string, content: string): LayerEntry => ({ path, content });
const dirty = buildLayer([file("malware.txt", "evil"), file("b.txt", "bad")]);
const clean = buildLayer([file("clean.txt", "fine"), { path: "a\udcff", type: "hardlink", linkTarget: "clean.txt" }]);

interface Counted extends LayerSource {
  readonly opened: () => number;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function source(layer: BuiltLayer, given: Partial<LayerSource> = {}): Counted {
  let opened = 0;
  const open = async (): Promise<AsyncIterable<Uint8Array>> => {
    opened++;
    return once(layer.bytes);
  };
  return { descriptor: layer.descriptor, diffId: layer.diffId, open, opened: () => opened, ...given };
}

async function cacheDirectory(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), "rootfs-cache-"));
  onTestFinished(() => rm(parent, { recursive: true }));
  return join(parent, "facts");
}

function summary(files: RootFilesystem): unknown {
  return [[...files.facts("texts")], files.problems, files.lstat("clean.txt")];
}

async function walk(layers: readonly LayerSource[], options: WalkLayersOptions): Promise<RootFilesystem> {
  return walkLayers(layers, [texts], options);
}

describe("the layer cache", () => {
  test("no byte of a layer is read twice, and the result is the same", async () => {
    const options = { cacheDirectory: await cacheDirectory() };
    const cold = await walk([source(dirty), source(clean)], options);
    const again = [source(dirty), source(clean)];
    const warm = await walk(again, options);
    expect(summary(warm)).toEqual(summary(cold));
    expect(again.map(({ opened }) => opened())).toEqual([0, 0]);
    expect([cold, warm].map(({ layers }) => layers.map(({ cached }) => cached))).toEqual([
      [false, false],
      [true, true],
    ]);
    expect((await stat(options.cacheDirectory)).mode & 0o777).toBe(0o700);
    expect(
      (await stat(join(options.cacheDirectory, (await readdir(options.cacheDirectory))[0] ?? ""))).mode & 0o777,
    ).toBe(0o600);
  });

  test("files read in a second pass are kept too", async () => {
    const options = { cacheDirectory: await cacheDirectory() };
    const linked = buildLayer([file("store/1", "content"), { path: "a.txt", type: "symlink", linkTarget: "store/1" }]);
    const cold = await walk([source(linked)], options);
    const again = source(linked);
    const warm = await walk([again], options);
    expect([...warm.facts("texts")]).toEqual([...cold.facts("texts")]);
    expect([...warm.facts("texts").keys()]).toEqual(["a.txt"]);
    expect(again.opened()).toBe(0);
  });

  test("a layer that claims the diffID of another never gets its facts", async () => {
    const options = { cacheDirectory: await cacheDirectory() };
    await walk([source(clean)], options);
    const claiming = source(dirty, { diffId: clean.diffId });
    const files = await walk([claiming], options);
    expect([...files.facts("texts").keys()]).toEqual(["malware.txt"]);
    expect(files.problems.map(({ code }) => code)).toContain("DIFF_ID_MISMATCH");
    // And the claim is found out again when the facts come from the cache.
    const warm = await walk([source(dirty, { diffId: clean.diffId })], options);
    expect(warm.layers).toMatchObject([{ cached: true }]);
    expect(warm.problems.map(({ code }) => code)).toContain("DIFF_ID_MISMATCH");
  });

  test("facts that were kept without a look at the diffID do not stand in for one", async () => {
    const options = { cacheDirectory: await cacheDirectory() };
    await walk([source(dirty, { diffId: clean.diffId })], { ...options, verifyDiffIds: false });
    const files = await walk([source(dirty, { diffId: clean.diffId })], options);
    expect(files.layers).toMatchObject([{ cached: false }]);
    expect(files.problems.map(({ code }) => code)).toContain("DIFF_ID_MISMATCH");
  });

  test("other readers, another version of one, and other limits read the layer again", async () => {
    const options = { cacheDirectory: await cacheDirectory() };
    await walk([source(clean)], options);
    const newer = source(clean);
    await walkLayers([newer], [{ ...texts, version: 2 }], options);
    const more = source(clean);
    await walkLayers([more], [texts, { ...texts, id: "others" }], options);
    const smaller = source(clean);
    await walk([smaller], { ...options, limits: { maxFileBytes: 3 } });
    expect([newer, more, smaller].map(({ opened }) => opened())).toEqual([1, 1, 1]);
  });

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ["empty", () => Buffer.alloc(0)],
    ["cut", (bytes) => bytes.subarray(0, bytes.length - 5)],
    ["of one wrong bit", (bytes) => (bytes.writeUInt8(bytes.readUInt8(80) ^ 1, 80), bytes)],
    ["something else", () => Buffer.from("{}")],
  ])("a file that is %s is not used, and a notice says so", async (_, damage) => {
    const options = { cacheDirectory: await cacheDirectory() };
    const cold = await walk([source(clean)], options);
    for (const name of await readdir(options.cacheDirectory)) {
      const path = join(options.cacheDirectory, name);
      await writeFile(path, damage(await readFile(path)));
    }
    const notices: Progress[] = [];
    const again = source(clean);
    const files = await walk([again], { ...options, onProgress: (progress) => notices.push(progress) });
    expect(summary(files)).toEqual(summary(cold));
    expect(again.opened()).toBe(1);
    expect(notices).toMatchObject([{ type: "notice", code: "CACHE_FILE_IGNORED" }]);
    expect((await walk([source(clean)], options)).layers).toMatchObject([{ cached: true }]);
  });

  test("a file that is a link is not followed", async () => {
    const options = { cacheDirectory: await cacheDirectory() };
    await walk([source(clean)], options);
    const [name = ""] = await readdir(options.cacheDirectory);
    const path = join(options.cacheDirectory, name);
    await writeFile(join(options.cacheDirectory, "..", "elsewhere"), await readFile(path));
    await rm(path);
    await symlink("../elsewhere", path);
    expect((await walk([source(clean)], options)).layers).toMatchObject([{ cached: false }]);
  });

  test("a directory that others may write to is not used", async () => {
    const directory = await cacheDirectory();
    await mkdir(directory);
    await chmod(directory, 0o777);
    const notices: Progress[] = [];
    const options = { cacheDirectory: directory, onProgress: (progress: Progress) => notices.push(progress) };
    const files = await walk([source(clean)], options);
    expect(files.facts("texts").size).toBe(1);
    expect(await readdir(directory)).toEqual([]);
    expect(notices).toMatchObject([{ code: "CACHE_UNSAFE" }]);
  });

  test("a layer that is refused leaves nothing in the cache", async () => {
    const options = { cacheDirectory: await cacheDirectory() };
    const lying = source(dirty, { descriptor: clean.descriptor });
    await expect(walk([lying], options)).rejects.toThrow(/its bytes are|its descriptor says/);
    expect(existsSync(options.cacheDirectory)).toBe(false);
  });

  test("many walks at once share a directory", async () => {
    const options = { cacheDirectory: await cacheDirectory() };
    const walks = await Promise.all(Array.from({ length: 8 }, () => walk([source(dirty), source(clean)], options)));
    for (const files of walks) expect(files.facts("texts").size).toBe(2);
    expect(await readdir(options.cacheDirectory)).toHaveLength(2);
  });
});
