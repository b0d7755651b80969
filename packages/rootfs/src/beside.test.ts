import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import zlib from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { digestOf, isScError } from "@sc/model";
import { buildLayer, type BuiltLayer, type LayerEntry, packLayer } from "@sc/testing";
import { texts } from "./walked-layers.testing.ts";
import type { LayerSource } from "./layer.ts";
import type { RootFilesystem } from "./root-filesystem.ts";
import { walkLayers } from "./walk-layers.ts";
import type { ToWorker } from "./worker-messages.ts";
import type { WorkerOptions } from "./worker-pool.ts";

const serve = new URL("serve-layers.ts", import.meta.url).href;

/** A worker without readers. */
function startWorker(): Worker {
  const code = `import { parentPort } from "node:worker_threads"; import { serveLayers } from ${JSON.stringify(serve)}; serveLayers(parentPort, []);`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
}

const noThread = (): never => {
  throw new Error("no layer is walked in another thread here");
};
const beside: WorkerOptions = { create: noThread, count: 2, minBesideBytes: 1 };

/** The next number of a fixed sequence, below a bound. */
function sequence(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % bound;
  };
}

/** Text of some megabytes that deflate makes a third of. */
function ballast(seed: number, bytes: number): Buffer {
  const next = sequence(seed);
  return Buffer.from(Array.from({ length: bytes }, () => 97 + (next(2 ** 16) >> 13)));
}

const entries: readonly LayerEntry[] = [
  { path: "a.txt", content: "a" },
  { path: "ballast", content: ballast(1, 6_000_000) },
  { path: "large.txt", content: ballast(2, 900_000) },
  { path: "b.txt", type: "hardlink", linkTarget: "a.txt" },
  { path: "link.txt", type: "symlink", linkTarget: "ballast" },
];
const gzip = buildLayer(entries);
const zstd = buildLayer(entries, { compression: "zstd" });

function described(bytes: Uint8Array, like: BuiltLayer): BuiltLayer {
  return { ...like, bytes, descriptor: { ...like.descriptor, digest: digestOf(bytes), size: bytes.length } };
}

/** The layer in pieces of lengths that a seed says, every one in memory that is written again. */
function source(
  { bytes, descriptor, diffId }: BuiltLayer,
  seed: number,
  given: Partial<LayerSource> = {},
): LayerSource {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const next = sequence(seed);
    const room = Buffer.alloc(400_000);
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + 1 + next(next(2) === 0 ? 3000 : room.length));
      room.set(piece);
      yield room.subarray(0, piece.length);
      at += piece.length;
      if (next(4) === 0) await setImmediate();
    }
  }
  return { descriptor, diffId, open: async () => chunks(), ...given };
}

function summary(files: RootFilesystem): unknown {
  return [[...files.facts("texts")], files.problems, files.layers, files.stat("b.txt"), files.resolve("link.txt")];
}

async function* broken(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
  throw new Error("connection lost");
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return isScError(error) ? [error.code, error.message] : error;
}

describe("a layer whose digests are taken in another thread (OCI-6, SBOM-1)", () => {
  test.each([["gzip", gzip] as const, ["zstd", zstd] as const])("gives what one thread gives: %s", async (_, layer) => {
    const alone = summary(await walkLayers([source(layer, 1)], [texts]));
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const files = await walkLayers([source(layer, seed)], [texts], { workers: beside });
      expect(summary(files)).toEqual(alone);
    }
  });

  test("is read from its file, and again where links want it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "rootfs-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const layer = buildLayer([
      { path: "store/a", content: "a" },
      { path: "lib/a.txt", type: "symlink", linkTarget: "../store/a" },
    ]);
    const path = join(folder, "layer");
    await writeFile(path, layer.bytes);
    const range = { path, offset: 0, length: layer.bytes.length };
    const files = await walkLayers([source(layer, 1, { file: range })], [texts], { workers: beside });
    expect(Object.fromEntries(files.facts("texts"))).toEqual({ "lib/a.txt": "lib/a.txt: a" });
  });

  test("is the one that the others would wait for; layers of one length have a worker each", async () => {
    const large = buildLayer([{ path: "zeros", content: Buffer.alloc(9 * 2 ** 20) }], { compression: "none" });
    const stored = described(zlib.gzipSync(large.tar, { level: 0 }), large);
    const twin = described(Buffer.concat([stored.bytes, zlib.gzipSync("")]), large);
    const small = buildLayer([{ path: "c.dat", content: "c" }], { compression: "none" });
    const walked: string[] = [];
    const create = (): Worker => {
      const worker = startWorker();
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (message: ToWorker, transfer?: readonly ArrayBuffer[]) => {
        if (message.type === "walk") walked.push(message.descriptor.digest);
        post(message, transfer);
      };
      return worker;
    };
    await walkLayers([source(small, 1), source(stored, 1)], [], { workers: { ...beside, create } });
    expect(walked).toEqual([small.descriptor.digest]);
    await walkLayers([source(twin, 1), source(stored, 1)], [], { workers: { ...beside, create } });
    expect(walked.slice(1)).toEqual([twin.descriptor.digest, stored.descriptor.digest]);
  });

  const { bytes } = gzip;
  const middle = bytes.length >> 1;
  const flipped = Buffer.from(bytes);
  flipped.fill(0xff, middle, middle + 200);
  const badTar = Buffer.from(gzip.tar);
  badTar.fill(0x41, 1024, 1024 + 512);
  const members = [gzip.tar.subarray(0, 3_000_000), gzip.tar.subarray(3_000_000)].map((part) => zlib.gzipSync(part));
  const failing = (at: number): Partial<LayerSource> => ({ open: async () => broken(bytes.subarray(0, at)) });
  const wrongDigest = { ...gzip, descriptor: { ...gzip.descriptor, digest: digestOf("something else") } };
  const longer = { ...gzip, descriptor: { ...gzip.descriptor, size: bytes.length + 1 } };
  const shorter = { ...gzip, descriptor: { ...gzip.descriptor, size: middle } };

  test.each<[string, LayerSource, string | undefined]>([
    ["is damaged in the middle", source(described(flipped, gzip), 1), "COMPRESSION_INVALID"],
    ["is cut short", source(described(bytes.subarray(0, middle), gzip), 2), "COMPRESSION_INVALID"],
    ["is followed by garbage", source(described(Buffer.concat([bytes, flipped]), gzip), 3), "COMPRESSION_INVALID"],
    ["is followed by zeros", source(described(Buffer.concat([bytes, Buffer.alloc(3_000_000)]), gzip), 3), undefined],
    ["has two members", source(described(Buffer.concat(members), gzip), 4), undefined],
    ["has another digest", source(wrongDigest, 5), "LAYER_DIGEST_MISMATCH"],
    ["is longer than it should be", source(shorter, 5), "LAYER_SIZE_MISMATCH"],
    ["is shorter than it should be", source(longer, 5), "LAYER_SIZE_MISMATCH"],
    ["has a damaged tar", source(packLayer(badTar), 6), "TAR_INVALID"],
    ["has a tar that is cut", source(packLayer(gzip.tar.subarray(0, 3_000_001)), 7), "TAR_TRUNCATED"],
    ["comes from a source that fails", source(gzip, 1, failing(middle)), "connection lost"],
    ["comes from a source that fails at once", source(gzip, 1, failing(0)), "connection lost"],
  ])("fails, or not, as in one thread where it %s", async (_, layer, failure) => {
    const alone = await failureOf(walkLayers([layer], [texts]));
    if (failure === undefined) expect(alone).toBeUndefined();
    else expect(String(alone)).toContain(failure);
    expect(await failureOf(walkLayers([layer], [texts], { workers: beside }))).toEqual(alone);
  });

  test("keeps to the bounds on what comes out", async () => {
    const bomb = buildLayer([{ path: "zeros", content: Buffer.alloc(80 * 2 ** 20) }]);
    const limits = { maxLayerContentBytes: 70 * 2 ** 20 };
    for (const options of [{ limits }, { limits: { maxRatio: 100 } }]) {
      const alone = await failureOf(walkLayers([source(bomb, 1)], [texts], options));
      expect(String(alone)).toContain("ARCHIVE_LIMIT_EXCEEDED");
      const got = await failureOf(walkLayers([source(bomb, 1)], [texts], { ...options, workers: beside }));
      expect(String(got)).toContain("ARCHIVE_LIMIT_EXCEEDED");
    }
  });

  test("ends with the signal's reason, though its source never goes on", async () => {
    for (const at of [0, 1, middle]) {
      const controller = new AbortController();
      async function* stuck(): AsyncGenerator<Uint8Array> {
        yield bytes.subarray(0, at);
        void setImmediate().then(() => controller.abort(new Error("enough")));
        await new Promise(() => undefined);
      }
      const layer = source(gzip, 1, { open: async () => stuck() });
      const work = walkLayers([layer], [texts], { workers: beside, signal: controller.signal });
      await expect(work).rejects.toThrow("enough");
    }
  });

  test("has one of its digests taken wrong by nobody: a claimed diffID that is not the content's is a problem", async () => {
    const claimed = { ...gzip, diffId: digestOf("something else") };
    const files = await walkLayers([source(claimed, 1)], [texts], { workers: beside });
    expect(files.problems).toMatchObject([{ code: "DIFF_ID_MISMATCH" }]);
    expect(files.problems).toEqual((await walkLayers([source(claimed, 1)], [texts])).problems);
  });

  test("does not keep its process alive, sound or not, and is read in one thread where there may be no other", async () => {
    const folder = await mkdtemp(join(tmpdir(), "rootfs-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const script = join(folder, "run.mjs");
    const index = new URL("index.ts", import.meta.url).href;
    await writeFile(
      script,
      `import { Worker, isMainThread, parentPort } from "node:worker_threads";
      import { readFileSync } from "node:fs";
      import { serveLayers, walkLayers } from ${JSON.stringify(index)};
      if (!isMainThread) serveLayers(parentPort, []);
      else {
        const [path, descriptor] = process.argv.slice(2);
        const layer = { descriptor: JSON.parse(descriptor), open: async () => [readFileSync(path)] };
        const workers = { create: () => new Worker(new URL(import.meta.url)), count: 2, minBesideBytes: 1 };
        walkLayers([layer], [], { workers, onProgress: ({ code }) => console.log(code) }).then(() => console.log("done"), (error) => console.log(error.code));
      }`,
    );
    const path = join(folder, "layer");
    await writeFile(path, bytes);
    const run = async ({ descriptor }: BuiltLayer, flags: readonly string[] = []): Promise<string> => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        ...flags,
        script,
        path,
        JSON.stringify(descriptor),
      ]);
      return stdout.trim();
    };
    expect(await run(gzip)).toBe("done");
    expect(await run(wrongDigest)).toBe("LAYER_DIGEST_MISMATCH");
    const denied = ["--permission", "--allow-fs-read=*"];
    expect(await run(gzip, denied)).toBe("WORKERS_UNAVAILABLE\ndone");
    expect(await run(wrongDigest, denied)).toBe("WORKERS_UNAVAILABLE\nLAYER_DIGEST_MISMATCH");
  });
});
