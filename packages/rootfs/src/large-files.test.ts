import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildLayer } from "@sc/testing";
import { expect, test } from "vitest";
import type { FileReader } from "./file-reader.ts";
import { walkLayers } from "./walk-layers.ts";
import { codes, file, source, texts, walk } from "./walked-layers.testing.ts";

const limits = { maxMemoryFileBytes: 8 };
const content = "head----middle--tail";
const large = file("a.bin", content);

/** Looks at one stretch of every file, and says that it looks at another. */
function looking(
  at: readonly [number, number],
  said: readonly [number, number] | undefined,
  id = "parts",
): FileReader<string> {
  return {
    id,
    version: 1,
    wants: () => false,
    sniff: () => true,
    parts: () => (said === undefined ? undefined : [{ start: said[0], end: said[1] }]),
    read: (captured) => Buffer.from(captured.readAt(at[0], at[1] - at[0])).toString(),
  };
}

async function found(readers: readonly FileReader<unknown>[]): Promise<readonly [opened: number, facts: unknown[]]> {
  const layer = source(buildLayer([large, file("b.txt")]));
  const files = await walkLayers([layer], readers, { limits });
  expect(files.problems).toEqual([]);
  return [layer.opened(), readers.map(({ id }) => files.facts(id).get("a.bin"))];
}

test("of a file too large for memory the parts are held that its readers look at", async () => {
  expect(await found([looking([8, 14], [8, 16])])).toEqual([1, ["middle"]]);
  expect(await found([looking([0, 4], [0, 4]), looking([16, 99], [12, 99], "other")])).toEqual([1, ["head", "tail"]]);
});

test("a part that was not said is read in a second pass, by the one who looks at it", async () => {
  const [opened, facts] = await found([looking([8, 14], [0, 13]), looking([0, 4], [0, 4], "other")]);
  expect([opened, facts]).toEqual([2, ["middle", "head"]]);
});

test("all of a large file is held where one of its readers does not say what it looks at", async () => {
  expect(await found([looking([8, 14], [0, 4]), looking([0, 4], undefined, "other")])).toEqual([1, ["middle", "head"]]);
  expect(await found([looking([8, 14], [0, 4]), { ...texts, wants: ({ path }) => path === "a.bin" }])).toEqual([
    1,
    ["middle", `a.bin: ${content}`],
  ]);
});

test("parts in any order, that overlap, or that reach beyond the file are held once", async () => {
  const reader: FileReader<string> = {
    ...looking([0, 99], undefined),
    parts: () => [
      { start: 10, end: 1000 },
      { start: 5, end: 12 },
      { start: -7, end: 6 },
      { start: 3, end: 3 },
    ],
  };
  expect(await found([reader])).toEqual([1, [content]]);
});

test("what the layers hide of files that were read again is hidden", async () => {
  const reader = looking([8, 14], [0, 1]);
  const files = await walk([[large], [file("a.bin", "short")]], { readers: [reader], limits });
  expect([...files.facts("parts").values()]).toEqual([""]);
  expect(files.hiddenFacts("parts")).toMatchObject([{ path: "a.bin", layer: 0, value: "middle" }]);
});

test("of two entries with one path the later one is read again", async () => {
  const files = await walk([[large, file("a.bin", "head----second--tail")]], {
    readers: [looking([8, 14], [0, 1])],
    limits,
  });
  expect([...files.facts("parts").values()]).toEqual(["second"]);
  expect(files.hiddenFacts("parts")).toEqual([]);
});

test("a reader can look at a large file while it passes, and stop", async () => {
  const pieces: number[] = [];
  const reader: FileReader<string> = {
    ...texts,
    wants: ({ path }) => path === "a.bin",
    scan: ({ path }) => ({
      push: (piece) => pieces.push(piece.length) < 3,
      finish: () => `${path}: ${pieces.join(" ")}`,
    }),
  };
  const layer = buildLayer([file("a.bin", "x".repeat(5000)), file("b.txt")], { compression: "none" });
  async function* single(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < layer.bytes.length; at += 1) yield layer.bytes.subarray(at, at + 1);
  }
  const readers = [reader, { ...texts, id: "others" }];
  const files = await walkLayers([source(layer, { open: async () => single() })], readers, { limits });
  // What other readers may tell a file by comes in one piece.
  expect(files.facts("texts")).toEqual(new Map([["a.bin", "a.bin: 4096 1 1"]]));
  expect(files.facts("others")).toEqual(new Map([["b.txt", "b.txt: b.txt"]]));
});

test("what was read again is kept with the layer's facts", async () => {
  const cacheDirectory = await mkdtemp(join(tmpdir(), "sc-large-files-"));
  try {
    const layer = source(buildLayer([large]));
    for (const cached of [false, true]) {
      const files = await walkLayers([layer], [looking([8, 14], [0, 1])], { limits, cacheDirectory });
      expect([...files.facts("parts").values(), files.layers[0]?.cached]).toEqual(["middle", cached]);
    }
    expect(layer.opened()).toBe(2);
  } finally {
    await rm(cacheDirectory, { recursive: true });
  }
});

test("a reader that fails while a file passes leaves a problem, and the others their facts", async () => {
  const failing: FileReader<string> = {
    ...texts,
    wants: ({ path }) => path === "a.bin",
    scan: () => ({
      push: () => {
        throw new Error("no such thing");
      },
      finish: () => "never",
    }),
  };
  const files = await walk([[large]], { readers: [failing, looking([0, 4], [0, 4])], limits });
  expect(codes(files)).toEqual(["FILE_UNREADABLE"]);
  expect(files.problems).toMatchObject([{ cataloger: "texts", path: "a.bin", incomplete: true }]);
  expect(files.facts("parts").get("a.bin")).toBe("head");
});

test.each([{}, { maxMemoryBytes: 2 ** 20 }])(
  "files that use the same memory one after the other, larger and smaller ones, are each their own (%j)",
  async (within) => {
    const sizes = [300_000, 900_000, 400_000, 7, 2_000_000, 300_001];
    const written = sizes.map((size, index) => String(index).repeat(size));
    const entries = written.map((text, index) => file(`${index}.txt`, text));
    const files = await walk([entries], { limits: within });
    expect([...files.facts("texts").values()]).toEqual(written.map((text, index) => `${index}.txt: ${text}`));
  },
);

const shared = (): boolean => true;
const failing = (id: string, sniff: () => boolean): FileReader<string> => ({
  ...texts,
  id,
  wants: () => false,
  sniff,
  read: () => {
    throw new Error(id);
  },
});

test("readers that tell a file by its bytes speak in their order, also where some share what tells it", async () => {
  const readers = [failing("a", shared), failing("b", () => true), failing("c", shared), failing("d", () => false)];
  const files = await walk([[file("x", "content")]], { readers });
  expect(files.problems.map(({ cataloger }) => cataloger)).toEqual(["a", "b", "c"]);
});
