// What taking inventory costs over walking the layers and reading nothing: at most 15 % for an image of Node.js, Python
// and Java of a gigabyte or more, made of what is installed here. By processor time of all threads, of the thread that
// walks (which is the wall clock where another core is idle for compiling and collecting garbage), and by wall clock.
//
//   node bench/catalog-image.ts            three layers of gzip, five rounds
//   node bench/catalog-image.ts --smoke    a few megabytes, one round: does it still run?
//
// Options: --rounds <n>, --directory <path> (layers found there are used again, and stay).
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createGzip } from "node:zlib";
import { packTar } from "@sc/archive";
import { parseDigest } from "@sc/model";
import { walkLayers } from "@sc/rootfs";
import { type InventoryInput, takeInventory } from "@sc/sbom";
// Loaded before the clock starts, for both contenders: from source most of that is the stripping of types.
import { catalogers } from "@sc/sbom/catalogers";
import { installedFiles } from "./installed-files.ts";
import { formatTable, type Measure, measure, ratio, type Sample } from "./measure.ts";

const self = fileURLToPath(import.meta.url);
const bare = "layer walk alone";
const full = "every cataloger";

const { values } = parseArgs({
  options: {
    smoke: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    directory: { type: "string" },
    /** Given to a child: what it is to do. */
    way: { type: "string" },
  },
});
const rounds = values.smoke ? 1 : Number(values.rounds);
const maxLayerBytes = values.smoke ? 4_000_000 : Number.POSITIVE_INFINITY;

/** What each layer is made of. */
const layerRoots = {
  node: [join(self, "../../node_modules")],
  python: ["/usr/lib/python3", "/usr/local/lib/python3"],
  java: ["/usr/lib/jvm", "/usr/share/java", "/usr/share/maven-repo"],
} as const;

interface BuiltLayer {
  readonly path: string;
  readonly digest: string;
  readonly size: number;
}

async function buildLayer(path: string, roots: readonly string[]): Promise<BuiltLayer> {
  let bytes = 0;
  const count = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  await pipeline(
    Readable.from(packTar(installedFiles(roots, maxLayerBytes))),
    count,
    createGzip({ level: 6, chunkSize: 2 ** 18 }),
    createWriteStream(path),
  );
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  const { size } = await stat(path);
  console.log(`${path.slice(path.lastIndexOf("/") + 1)}: ${(bytes / 1e6).toFixed(0)} MB of tar`);
  return { path, size, digest: `sha256:${hash.digest("hex")}` };
}

async function buildLayers(directory: string): Promise<void> {
  const list = join(directory, "layers.json");
  if (existsSync(list)) return;
  const built = await Promise.all(
    Object.entries(layerRoots).map(([name, roots]) => buildLayer(join(directory, `${name}.tar.gz`), roots)),
  );
  await writeFile(list, JSON.stringify(built));
}

function openLayers(directory: string): InventoryInput {
  const built: readonly BuiltLayer[] = JSON.parse(readFileSync(join(directory, "layers.json"), "utf8"));
  return {
    subject: { type: "image", name: "bench" },
    layers: built.map(({ path, digest, size }) => ({
      descriptor: {
        mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
        digest: parseDigest(digest, path),
        size,
      },
      file: { path, offset: 0, length: size },
      open: async () => createReadStream(path, { highWaterMark: 2 ** 19 }),
    })),
  };
}

/** One run in a process of its own. */
async function runWay(way: string, directory: string): Promise<Sample & { readonly packages: number }> {
  const input = openLayers(directory);
  const [begin, before, mainBefore] = [performance.now(), process.cpuUsage(), process.threadCpuUsage()];
  let packages = 0;
  if (way === bare) await walkLayers(input.layers, [], { workers: false });
  else packages = (await takeInventory(input, { workers: false })).packages.length;
  const { user, system } = process.cpuUsage(before);
  const walking = process.threadCpuUsage(mainBefore);
  return {
    milliseconds: performance.now() - begin,
    cpuMilliseconds: (user + system) / 1000,
    mainMilliseconds: (walking.user + walking.system) / 1000,
    peakMiB: process.resourceUsage().maxRSS / 1024,
    packages,
  };
}

async function main(): Promise<void> {
  const directory = values.directory ?? (await mkdtemp(join(tmpdir(), "sc-bench-catalog-")));
  try {
    await buildLayers(directory);
    let packages = 0;
    const contenders = [bare, full].map((name) => ({
      name,
      run: async (): Promise<Sample> => {
        const words = [self, "--way", name, "--directory", directory];
        const ran = spawnSync(process.execPath, words, { encoding: "utf8" });
        if (ran.status !== 0) throw new Error(`${name}: ${ran.stderr}`);
        const sample: Sample & { readonly packages: number } = JSON.parse(ran.stdout);
        packages = Math.max(packages, sample.packages);
        return sample;
      },
    }));
    const measured = await measure(contenders, rounds);
    const over = (by: Measure): string => {
      const percent = (ratio(measured, by, { fast: bare, slow: full }) - 1) * 100;
      return `${percent.toFixed(1)} %`;
    };
    console.log(formatTable(measured));
    console.log(
      `${packages} packages, ${catalogers.length} catalogers; what they cost over the walk, wanted at most 15 %:`,
    );
    console.log(
      `processor time ${over("cpuMedian")}, of the walking thread ${over("mainMedian")}, wall ${over("median")}`,
    );
    if (packages === 0) throw new Error("no package was found");
  } finally {
    if (values.directory === undefined) await rm(directory, { recursive: true });
  }
}

if (values.way !== undefined) console.log(JSON.stringify(await runWay(values.way, values.directory ?? "")));
else await main();
