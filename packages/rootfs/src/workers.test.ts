import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, onTestFinished, test } from "vitest";
import { hasCode, type Progress } from "@sc/model";
import { buildLayer, type BuiltLayer, whiteout } from "@sc/testing";
import type { FileReader } from "./file-reader.ts";
import type { LayerSource } from "./layer.ts";
import type { RootFilesystem } from "./root-filesystem.ts";
import { walkLayers } from "./walk-layers.ts";
import { type WorkerOptions, WorkerPool } from "./worker-pool.ts";

// The same reader here and, as text, in the worker.
const readerSource = `({
  id: "texts",
  version: 1,
  wants: ({ path }) => path.endsWith(".txt"),
  read: (file) => file.text() === "bad" ? { kind: "problem", code: "RECORD_MALFORMED", message: "bad" } : file.path + ": " + file.text(),
})`;
const texts: FileReader<string> = {
  id: "texts",
  version: 1,
  wants: ({ path }) => path.endsWith(".txt"),
  read: (file) =>
    file.text() === "bad"
      ? { kind: "problem", code: "RECORD_MALFORMED", message: "bad" }
      : `${file.path}: ${file.text()}`,
};

function startWorker(body: string): Worker {
  const serve = new URL("serve-layers.ts", import.meta.url).href;
  const code = `import { parentPort } from "node:worker_threads"; import { serveLayers } from ${JSON.stringify(serve)}; ${body}`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
}

function serving(): { readonly workers: WorkerOptions; readonly started: Worker[] } {
  const started: Worker[] = [];
  const create = (): Worker => {
    const worker = startWorker(`serveLayers(parentPort, [${readerSource}]);`);
    started.push(worker);
    return worker;
  };
  return { workers: { create, count: 2 }, started };
}

function source(layer: BuiltLayer): LayerSource {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < layer.bytes.length; at += 300_000) yield layer.bytes.subarray(at, at + 300_000);
  }
  return { descriptor: layer.descriptor, diffId: layer.diffId, open: async () => chunks() };
}

// Uncompressed and together large enough that workers are worth starting.
const ballast = "x".repeat(5 * 2 ** 20);
const layers: readonly BuiltLayer[] = [
  [
    { path: "a.txt", content: "a" },
    { path: "store/b", content: "b" },
    { path: "ballast", content: ballast },
  ],
  [whiteout("a.txt"), { path: "bad.txt", content: "bad" }, { path: "ballast", content: ballast }],
  [
    { path: "b.txt", type: "hardlink" as const, linkTarget: "store/b" },
    { path: "lib", type: "symlink" as const, linkTarget: "store" },
  ],
].map((entries) => buildLayer(entries, { compression: "none" }));

function exited(worker: Worker): Promise<unknown> {
  return new Promise((resolve) => {
    worker.once("exit", resolve);
  });
}

function summary(files: RootFilesystem): unknown {
  return [[...files.facts("texts")], files.problems, files.layers, files.stat("b.txt"), files.resolve("lib/b")];
}

describe("workers", () => {
  test("give what reading in process gives, second pass included", async () => {
    const { workers, started } = serving();
    const inWorkers = await walkLayers(layers.map(source), [texts], { workers });
    expect(summary(inWorkers)).toEqual(summary(await walkLayers(layers.map(source), [texts])));
    expect(Object.fromEntries(inWorkers.facts("texts"))).toEqual({ "b.txt": "b.txt: b" });
    expect(started).toHaveLength(2);
  });

  test("open a local file by themselves", async () => {
    const directory = await mkdtemp(join(tmpdir(), "rootfs-"));
    onTestFinished(() => rm(directory, { recursive: true }));
    const path = join(directory, "layers");
    await writeFile(path, Buffer.concat(layers.map(({ bytes }) => bytes)));
    let offset = 0;
    const ranges = layers.map(({ descriptor }): LayerSource => {
      const file = { path, offset, length: descriptor.size };
      offset += descriptor.size;
      return { descriptor, file, open: () => Promise.reject(new Error("was opened here")) };
    });
    const files = await walkLayers(ranges, [texts], { workers: serving().workers });
    expect(Object.fromEntries(files.facts("texts"))).toEqual({ "b.txt": "b.txt: b" });
  });

  test("pass on what is wrong with a layer, with its code", async () => {
    const [first, second] = layers.map(source);
    if (first === undefined || second === undefined) throw new Error("there are layers");
    const lying = { ...second, descriptor: { ...second.descriptor, digest: `sha256:${"0".repeat(64)}` as const } };
    const work = walkLayers([first, lying], [texts], { workers: serving().workers });
    await expect(work).rejects.toSatisfy((error) => hasCode(error, "LAYER_DIGEST_MISMATCH"));
    const failing = { ...second, open: () => Promise.reject(new Error("connection lost")) };
    await expect(walkLayers([first, failing], [texts], { workers: serving().workers })).rejects.toThrow(
      "connection lost",
    );
  });

  test.each<[string, () => Worker]>([
    ["cannot start", () => startWorker("throw new Error('no room')")],
    [
      "cannot be made",
      () => {
        throw new Error("not allowed");
      },
    ],
    [
      "end in the middle",
      () => startWorker("parentPort.on('message', ({ type }) => { if (type === 'chunk') process.exit(7); });"),
    ],
  ])("that %s are replaced by reading in process, and a notice says so", async (_, create) => {
    const notices: Progress[] = [];
    const files = await walkLayers(layers.map(source), [texts], {
      workers: { create, count: 2 },
      onProgress: (progress) => notices.push(progress),
    });
    expect(Object.fromEntries(files.facts("texts"))).toEqual({ "b.txt": "b.txt: b" });
    expect(notices).toMatchObject([{ type: "notice", level: "warning", code: "WORKERS_UNAVAILABLE" }]);
  });

  test("have ended when the walk has, however it ends", async () => {
    const good = serving();
    const ends: Promise<unknown>[] = [];
    const watch = ({ create, ...rest }: WorkerOptions): WorkerOptions => ({
      ...rest,
      create: () => {
        const worker = create();
        ends.push(exited(worker));
        return worker;
      },
    });
    await walkLayers(layers.map(source), [texts], { workers: watch(good.workers) });
    expect(ends).toHaveLength(2);
    await Promise.all(ends);

    ends.length = 0;
    const controller = new AbortController();
    async function* stuck(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(100);
      controller.abort(new Error("enough"));
      await new Promise(() => undefined);
    }
    const waiting = layers.map((layer): LayerSource => ({ descriptor: layer.descriptor, open: async () => stuck() }));
    const work = walkLayers(waiting, [texts], { workers: watch(serving().workers), signal: controller.signal });
    await expect(work).rejects.toThrow("enough");
    await Promise.all(ends);
  });

  test("of a pool serve one walk after the other and several at once, and end with the pool", async () => {
    const { workers, started } = serving();
    const alone = summary(await walkLayers(layers.map(source), [texts]));
    const pool = new WorkerPool(workers);
    const walk = async (): Promise<unknown> =>
      summary(await walkLayers(layers.map(source), [texts], { workers: pool }));
    expect(await walk()).toEqual(alone);
    expect(await Promise.all([walk(), walk(), walk()])).toEqual([alone, alone, alone]);
    expect(started).toHaveLength(2);
    const ends = started.map(exited);
    await pool[Symbol.asyncDispose]();
    await Promise.all(ends);
  });

  test("of a pool that end while they are idle are not given out again", async () => {
    const { workers, started } = serving();
    await using pool = new WorkerPool(workers);
    const notices: Progress[] = [];
    const walk = async (): Promise<RootFilesystem> =>
      await walkLayers(layers.map(source), [texts], {
        workers: pool,
        onProgress: (progress) => notices.push(progress),
      });
    await walk();
    await Promise.all(started.map(async (worker) => await worker.terminate()));
    expect(Object.fromEntries((await walk()).facts("texts"))).toEqual({ "b.txt": "b.txt: b" });
    expect(started).toHaveLength(4);
    expect(notices).toEqual([]);
  });

  test("of a pool that are at a layer which fails are ended, and the pool serves on", async () => {
    const { workers, started } = serving();
    await using pool = new WorkerPool(workers);
    const [first, second] = layers.map(source);
    if (first === undefined || second === undefined) throw new Error("there are layers");
    const failing = { ...second, open: () => Promise.reject(new Error("connection lost")) };
    await expect(walkLayers([first, failing], [texts], { workers: pool })).rejects.toThrow("connection lost");
    const files = await walkLayers(layers.map(source), [texts], { workers: pool });
    expect(Object.fromEntries(files.facts("texts"))).toEqual({ "b.txt": "b.txt: b" });
    expect(started.length).toBeGreaterThan(1);
  });

  test("are not started for one layer, nor for little", async () => {
    const { workers, started } = serving();
    const [first, , small] = layers.map(source);
    if (first === undefined || small === undefined) throw new Error("there are layers");
    await walkLayers([first], [texts], { workers });
    await walkLayers([first, first], [texts], { workers });
    await walkLayers([small, source(buildLayer([]))], [texts], { workers });
    expect(started).toHaveLength(0);
  });

  test("that does not listen is ended from outside", async () => {
    const controller = new AbortController();
    const started: Worker[] = [];
    const create = (): Worker => {
      const worker = startWorker(
        "parentPort.on('message', () => parentPort.postMessage({ type: 'taken', bytes: 0 }));",
      );
      started.push(worker);
      return worker.once("message", () => controller.abort(new Error("enough")));
    };
    const work = walkLayers(layers.map(source), [texts], { workers: { create, count: 2 }, signal: controller.signal });
    await expect(work).rejects.toThrow("enough");
    expect(started.map(({ threadId }) => threadId)).toEqual(started.map(() => -1));
  });
});
