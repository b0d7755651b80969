// How fast one layer becomes a verified digest, every entry and the wanted bodies, beside tools that do less.
//
//   node bench/layer-stream.ts            a layer of about 1 GB of what is installed here, five rounds
//   node bench/layer-stream.ts --smoke    a few megabytes, one round: does it still run?
//
// Options: --bytes <n>, --rounds <n>, --directory <path> (layers found there are used again).
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { appendFile, copyFile, mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import zlib from "node:zlib";
import { packTar, type TarWriterEntry } from "@sc/archive";
import { type Digest, parseDigest } from "@sc/model";
import { type LayerSource, walkLayers } from "@sc/rootfs";
import { extract } from "tar-stream";
import { installedFiles } from "./installed-files.ts";
import { readers } from "./layer-worker.ts";
import { type Contender, formatTable, measure, ratio, type Sample } from "./measure.ts";

const idiomatic = "tar-stream + createGunzip, defaults";

const self = fileURLToPath(import.meta.url);

const roots = [join(self, "../../node_modules"), "/usr/share", "/usr/bin", "/usr/local", "/usr/lib"];

async function* layerFiles(bytes: number): AsyncGenerator<TarWriterEntry> {
  // A small layer of large programs would have no evidence in it.
  yield { path: "app/package.json", type: "file", content: await readFile(join(self, "../package.json")) };
  yield* installedFiles(roots, bytes);
}

/** A worker as it ships: bundled, so that it starts without looking for a hundred files. */
async function bundleWorker(file: string): Promise<void> {
  const { rolldown } = await import("rolldown");
  const bundle = await rolldown({
    input: fileURLToPath(new URL("./layer-worker.ts", import.meta.url)),
    platform: "node",
    external: [/^node:/],
  });
  await bundle.write({ file, format: "esm" });
  await bundle.close();
}

interface Layers {
  readonly gzip: string;
  /** The same content with another digest. */
  readonly gzipTwin: string;
  readonly zstd: string;
}

async function buildLayers(directory: string, bytes: number): Promise<Layers> {
  const tar = join(directory, "layer.tar");
  const layers = { gzip: `${tar}.gz`, gzipTwin: join(directory, "twin.tar.gz"), zstd: `${tar}.zst` };
  if (existsSync(layers.zstd)) return layers;
  await pipeline(Readable.from(packTar(layerFiles(bytes))), createWriteStream(tar));
  await pipeline(
    createReadStream(tar),
    zlib.createGzip({ level: 6, chunkSize: 2 ** 18 }),
    createWriteStream(layers.gzip),
  );
  await copyFile(layers.gzip, layers.gzipTwin);
  await appendFile(layers.gzipTwin, zlib.gzipSync(Buffer.alloc(0)));
  await pipeline(
    createReadStream(tar),
    zlib.createZstdCompress({ chunkSize: 2 ** 18 }),
    createWriteStream(layers.zstd),
  );
  console.log(`${(await stat(tar)).size} bytes of tar, ${(await stat(layers.gzip)).size} as gzip`);
  return layers;
}

const digests = new Map<string, Digest>();

async function digestOfFile(path: string): Promise<Digest> {
  const known = digests.get(path);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  const digest = parseDigest(`sha256:${hash.digest("hex")}`, path);
  digests.set(path, digest);
  return digest;
}

/** What a child process is asked to do: one way, over one layer or more. */
interface Task {
  readonly way: "walk" | "workers" | "idiomatic";
  /** What a worker runs. */
  readonly worker?: string;
  readonly layers: readonly {
    readonly path: string;
    readonly digest: Digest;
    readonly diffId?: Digest;
    readonly size: number;
  }[];
}

async function runTask({ way, worker, layers }: Task): Promise<void> {
  const started = performance.now();
  const before = process.cpuUsage();
  const mainBefore = process.threadCpuUsage();
  if (way === "idiomatic") await walkIdiomatically(layers[0]?.path ?? "");
  else {
    const sources = layers.map(({ path, digest, diffId, size }): LayerSource => ({
      descriptor: { mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size },
      ...(diffId === undefined ? {} : { diffId }),
      file: { path, offset: 0, length: size },
      open: async () => createReadStream(path, { highWaterMark: 2 ** 19 }),
    }));
    const workers = way === "workers" && worker !== undefined ? { create: () => new Worker(worker), count: 2 } : false;
    const files = await walkLayers(sources, readers, { workers });
    if (files.facts("evidence").size === 0) throw new Error("no evidence was found");
  }
  const milliseconds = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  const cpuMilliseconds = (user + system) / 1000;
  const mainThread = process.threadCpuUsage(mainBefore);
  const mainMilliseconds = (mainThread.user + mainThread.system) / 1000;
  const sample: Sample = {
    milliseconds,
    cpuMilliseconds,
    mainMilliseconds,
    peakMiB: process.resourceUsage().maxRSS / 1024,
  };
  console.log(JSON.stringify(sample));
}

/** The job as one would write it without a thought: defaults everywhere. */
async function walkIdiomatically(path: string): Promise<void> {
  const hash = createHash("sha256");
  const reader = extract();
  const source = createReadStream(path);
  source.on("data", (chunk) => hash.update(chunk));
  source.pipe(zlib.createGunzip()).pipe(reader);
  let found = 0;
  for await (const entry of reader) {
    const { name } = entry.header;
    const wanted = name.endsWith("/package.json") || name.endsWith("/copyright");
    if (wanted) found += (await buffer(entry)).length;
    else entry.resume();
  }
  if (found === 0 || hash.digest("hex") === "") throw new Error("no evidence was found");
}

async function inChild(task: Task): Promise<Sample> {
  const child = spawn(process.execPath, [self, "--task", JSON.stringify(task)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = Buffer.concat(await child.stdout.toArray()).toString();
  const sample: Sample = JSON.parse(output);
  return sample;
}

function ours(name: string, task: Task): Contender {
  return { name, run: async () => inChild(task) };
}

/** The shell's `times` says what its children used: a line `1m2.3s 0m4.5s` of user and system time. */
async function command(program: string, file: string): Promise<Sample> {
  const started = performance.now();
  const output = execFileSync("sh", ["-c", '"$0" -dc "$1" >/dev/null && times', program, file], { encoding: "utf8" });
  const milliseconds = performance.now() - started;
  const [, children = ""] = output.split("\n");
  const seconds = children.matchAll(/(\d+)m([\d.]+)s/g).reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
  return { milliseconds, cpuMilliseconds: seconds * 1000 };
}

function hasProgram(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function compare(
  directory: string,
  { bytes, rounds }: { readonly bytes: number; readonly rounds: number },
): Promise<void> {
  const layers = await buildLayers(directory, bytes);
  const worker = join(directory, "layer-worker.mjs");
  // In a process of its own: a child's peak counts what its parent had when it was started.
  execFileSync(process.execPath, [self, "--bundle", worker]);
  const diffId = await digestOfFile(join(directory, "layer.tar"));
  const layer = async (path: string): Promise<Task["layers"][number]> => ({
    path,
    digest: await digestOfFile(path),
    size: (await stat(path)).size,
  });
  const [gzip, twin, zstd] = [await layer(layers.gzip), await layer(layers.gzipTwin), await layer(layers.zstd)];
  const contenders: Contender[] = [
    { name: "gzip -dc", run: async () => command("gzip", layers.gzip) },
    ours(idiomatic, { way: "idiomatic", layers: [gzip] }),
    ours("walkLayers, gzip", { way: "walk", layers: [gzip] }),
    ours("walkLayers, gzip, diffID too", { way: "walk", layers: [{ ...gzip, diffId }] }),
    ours("walkLayers, gzip, two threads", { way: "workers", worker, layers: [gzip] }),
    ours("walkLayers, gzip, diffID too, two threads", { way: "workers", worker, layers: [{ ...gzip, diffId }] }),
    ours("walkLayers, zstd", { way: "walk", layers: [zstd] }),
    ours("walkLayers, zstd, two threads", { way: "workers", worker, layers: [zstd] }),
    ours("walkLayers, two gzip layers, in process", { way: "walk", layers: [gzip, twin] }),
    ours("walkLayers, two gzip layers, two workers", { way: "workers", worker, layers: [gzip, twin] }),
  ];
  if (hasProgram("igzip")) contenders.push({ name: "igzip -dc", run: async () => command("igzip", layers.gzip) });
  const measured = await measure(contenders, rounds);
  console.log(formatTable(measured));
  const targets: readonly Target[] = [
    { name: "times gzip -dc", fast: "walkLayers, gzip, two threads", slow: "gzip -dc", wanted: "at least 2.2" },
    {
      name: "times tar-stream + createGunzip",
      fast: "walkLayers, gzip, two threads",
      slow: idiomatic,
      wanted: "at least 2.2",
    },
    { name: "time over igzip -dc", fast: "igzip -dc", slow: "walkLayers, gzip, two threads", wanted: "at most 1.6" },
    {
      name: "two threads, times one",
      fast: "walkLayers, gzip, two threads",
      slow: "walkLayers, gzip",
      wanted: "more than 1",
    },
    { name: "zstd, times gzip", fast: "walkLayers, zstd", slow: "walkLayers, gzip", wanted: "at least 1.3" },
    {
      name: "two layers in workers, times one",
      fast: "walkLayers, two gzip layers, two workers",
      slow: "walkLayers, gzip",
      wanted: "at least 1.7",
      layers: 2,
    },
  ];
  for (const { name, wanted, layers: count = 1, ...pair } of targets) {
    const byTime = (count * ratio(measured, "median", pair)).toFixed(2);
    const byCpu = (count * ratio(measured, "cpuMedian", pair)).toFixed(2);
    console.log(`${name}: ${byTime} by time, ${byCpu} by processor time (wanted: ${wanted})`);
  }
}

interface Target {
  readonly name: string;
  readonly fast: string;
  readonly slow: string;
  readonly wanted: string;
  readonly layers?: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      smoke: { type: "boolean", default: false },
      bytes: { type: "string" },
      rounds: { type: "string" },
      directory: { type: "string" },
      task: { type: "string" },
      bundle: { type: "string" },
    },
  });
  if (values.task !== undefined) {
    const task: Task = JSON.parse(values.task);
    return runTask(task);
  }
  if (values.bundle !== undefined) return bundleWorker(values.bundle);
  const { smoke } = values;
  const bytes = Number(values.bytes ?? (smoke ? 12 * 2 ** 20 : 2 ** 30));
  const rounds = Number(values.rounds ?? (smoke ? 1 : 5));
  const directory = values.directory ?? (await mkdtemp(join(tmpdir(), "layer-stream-")));
  await mkdir(directory, { recursive: true });
  try {
    await compare(directory, { bytes, rounds });
  } finally {
    if (values.directory === undefined) await rm(directory, { recursive: true });
  }
}

await main();
