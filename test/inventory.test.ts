import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Progress } from "@sc/model";
import { type InventoryOptions, takeInventory } from "@sc/sbom";
import { buildLayer, type BuiltLayer, whiteout } from "@sc/testing";
import { rolldown } from "rolldown";
import { expect, onTestFinished, test } from "vitest";
import { layerSource } from "./folder-layer.ts";

const ballast = "x".repeat(5 * 2 ** 20);

/** Layers large enough that threads are worth starting, with something to find in each and something hidden. */
const layers: readonly BuiltLayer[] = [
  [
    { path: "etc/os-release", content: "ID=alpine\nVERSION_ID=3.20.3\n" },
    { path: "lib/apk/db/installed", content: "P:musl\nV:1.2.5-r0\nA:x86_64\n\n" },
    { path: "app/node_modules/gone/package.json", content: '{"name":"gone","version":"1.0.0"}' },
    { path: "ballast/0", content: ballast },
  ],
  [
    {
      path: "app/node_modules/left/package.json",
      content: '{"name":"left","version":"1.0.0","dependencies":{"right":"*"}}',
    },
    { path: "app/node_modules/broken/package.json", content: "{" },
    { path: "ballast/1", content: ballast },
  ],
  [
    { path: "app/node_modules/right/package.json", content: '{"name":"right","version":"2.0.0"}' },
    whiteout("app/node_modules/gone"),
    { path: "ballast/2", content: ballast },
  ],
].map((entries) => buildLayer(entries, { compression: "none" }));

const subject = { type: "image", name: "image" } as const;

async function taken(
  options: InventoryOptions = {},
  chunkBytes = 65_536,
): Promise<{ text: string; notices: string[] }> {
  const notices: string[] = [];
  const onProgress = (progress: Progress): void => {
    if (progress.type === "notice") notices.push(progress.code);
  };
  const sources = layers.map((layer) => layerSource(layer, chunkBytes));
  const inventory = await takeInventory({ subject, layers: sources }, { ...options, onProgress });
  return { text: JSON.stringify(inventory), notices };
}

test("the inventory is the same whatever reads the layers and however they arrive (SBOM-1, SBOM-5)", async () => {
  const expected = await taken({ workers: false });
  expect(expected.text).toContain("pkg:npm/right@2.0.0");
  expect(expected.text).not.toContain("pkg:npm/gone");
  for (const count of [1, 2, 3]) expect(await taken({ workers: { count } })).toEqual(expected);
  for (const chunkBytes of [10_007, 300_000, ballast.length])
    expect(await taken({ workers: false }, chunkBytes)).toEqual(expected);
});

test("a cached layer gives the same inventory and is not read again", async () => {
  const cacheDirectory = await mkdtemp(join(tmpdir(), "sc-inventory-"));
  onTestFinished(() => rm(cacheDirectory, { recursive: true }));
  const expected = await taken({ workers: false });
  expect(await taken({ cacheDirectory })).toEqual(expected);
  expect((await readdir(cacheDirectory, { recursive: true })).length).toBeGreaterThan(0);
  const unreadable = layers.map((layer) => ({
    ...layerSource(layer),
    open: () => Promise.reject(new Error("read again")),
  }));
  const again = await takeInventory({ subject, layers: unreadable }, { cacheDirectory });
  expect(JSON.stringify(again)).toBe(expected.text);
});

test("only the catalogers that are asked for look, also in threads", async () => {
  for (const workers of [false, { count: 2 }] as const) {
    const sources = layers.map((layer) => layerSource(layer));
    const inventory = await takeInventory({ subject, layers: sources }, { catalogers: ["apk"], workers });
    expect(inventory.packages.map(({ type }) => type)).toEqual(["apk"]);
    expect(inventory.catalogers).toEqual(["os-release", "apk"]);
  }
});

test("a cataloger that does not exist is refused by name", async () => {
  await expect(takeInventory({ subject, layers: [] }, { catalogers: ["apkk"] })).rejects.toMatchObject({
    code: "CATALOGER_UNKNOWN",
    message: 'no cataloger is called "apkk"',
  });
});

test("a layer that is not what its descriptor says gives no inventory at all (OCI-6)", async () => {
  const [first] = layers;
  if (first === undefined) throw new Error("no layer");
  const tampered = Uint8Array.from(first.bytes);
  tampered[tampered.length - 2000] = 1;
  await expect(takeInventory({ subject, layers: [layerSource({ ...first, bytes: tampered })] })).rejects.toMatchObject({
    code: "LAYER_DIGEST_MISMATCH",
  });
});

/** What runs in a process of its own: takes the inventory of the given layers and prints it with the notices. */
const bundledProgram = `
import { readFileSync } from "node:fs";
import { takeInventory } from "./sbom.js";
const layers = JSON.parse(readFileSync(process.argv[2], "utf8"));
const notices = [];
const inventory = await takeInventory(
  {
    subject: { type: "image", name: "image" },
    layers: layers.map(({ descriptor, diffId, file }) => ({
      descriptor,
      diffId,
      open: () => Promise.reject(new Error("opened in the main thread")),
      file: { path: file, offset: 0, length: descriptor.size },
    })),
  },
  { workers: { count: 2 }, onProgress: (progress) => { if (progress.type === "notice") notices.push(progress.code); } },
);
process.stdout.write(JSON.stringify({ text: JSON.stringify(inventory), notices }));
`;

test("in a bundle the threads work as they do from source (RUN-11)", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sc-bundle-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const source = join(import.meta.dirname, "../packages/sbom/src");
  const bundle = await rolldown({
    input: { sbom: join(source, "index.ts"), "layer-worker": join(source, "layer-worker.ts") },
    platform: "node",
    external: [/^node:/],
    transform: { target: "node22.22" },
  });
  await bundle.write({ dir: folder, format: "esm", minify: true });
  await bundle.close();
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await writeFile(join(folder, "program.js"), bundledProgram);
  const described = layers.map(({ descriptor, diffId }, index) => ({
    descriptor,
    diffId,
    file: join(folder, `layer-${index}`),
  }));
  await Promise.all(layers.map(({ bytes }, index) => writeFile(join(folder, `layer-${index}`), bytes)));
  await writeFile(join(folder, "layers.json"), JSON.stringify(described));
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(folder, "program.js"),
    join(folder, "layers.json"),
  ]);
  expect(JSON.parse(stdout)).toEqual(await taken({ workers: false }));
});
