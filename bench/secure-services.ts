// Nine services through the whole declared chain, against the time of decompressing their unique layers once.
//
//   node bench/secure-services.ts            images of 200 MB that share a base layer
//   node bench/secure-services.ts --smoke    three services of some megabytes: does it still run?
//
// Options: --services <n>, --base-megabytes <n>, --own-megabytes <n>, --rounds <n>. The registry runs in a process of
// its own, and so does each thing that is measured: from its first call to its last, without the loading of the program.
import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Connection, inventory, secure, type SecurePlan } from "@sc/pipeline";
import { buildDatabase } from "@sc/scan";
import { createKeySigner } from "@sc/sign";
import { buildImage, buildLayer, type BuiltLayer, type LayerEntry, pushImage, startRegistry } from "@sc/testing";
import { type Contender, formatTable, measure, ratio, type Sample } from "./measure.ts";

const { values } = parseArgs({
  options: {
    smoke: { type: "boolean", default: false },
    services: { type: "string" },
    "base-megabytes": { type: "string" },
    "own-megabytes": { type: "string" },
    rounds: { type: "string" },
    /** Internal: what this process is, and the folder it shares with the others. */
    role: { type: "string" },
    directory: { type: "string" },
  },
});
const services = Number(values.services ?? (values.smoke ? 3 : 9));
const baseMegabytes = Number(values["base-megabytes"] ?? (values.smoke ? 4 : 150));
const ownMegabytes = Number(values["own-megabytes"] ?? (values.smoke ? 1 : 50));
const rounds = Number(values.rounds ?? (values.smoke ? 1 : 3));

// Text as programs have it: it packs to about a third, with the same seed the same bytes.
function filler(seed: number, bytes: number): Uint8Array {
  let state = seed + 1;
  const words: string[] = [];
  for (let length = 0; length < bytes; length += 8) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words.push((state % 65_536).toString(36).padStart(7, "x"));
  }
  return Buffer.from(words.join(" "));
}

function layerOf(name: string, seed: number, megabytes: number): BuiltLayer {
  const entries: LayerEntry[] = [];
  for (let file = 0; file < megabytes; file += 1) {
    entries.push({ path: `opt/${name}/${file}.txt`, content: filler(seed * 1000 + file, 1_000_000) });
  }
  for (let number = 0; number < 40; number += 1) {
    const content = JSON.stringify({ name: `${name}-${number}`, version: "1.0.0", license: "MIT" });
    entries.push({ path: `app/node_modules/${name}-${number}/package.json`, content });
  }
  return buildLayer(entries);
}

/**
 * Leaves each unique layer in the folder, and serves the images from an empty registry, told by its references, until it
 * is asked for the next one.
 */
async function serve(directory: string): Promise<void> {
  const base = layerOf("base", 0, baseMegabytes);
  const own = Array.from({ length: services }, (_, index) => layerOf(`service${index}`, index + 1, ownMegabytes));
  for (const [index, { bytes }] of [base, ...own].entries()) await writeFile(join(directory, `${index}.gz`), bytes);
  const built = own.map((layer) => buildImage({ layers: [base, layer] }));
  for (;;) {
    const asked = once(process, "message");
    await using registry = await startRegistry();
    process.send?.(built.map((image, index) => pushImage(registry, `acme/service${index}:1`, image)));
    await asked;
  }
}

function planOf(directory: string, pem: string): SecurePlan {
  const signer = createKeySigner(createPrivateKey(pem));
  return {
    images: [],
    // What sc secure keeps by default; all of it is gone before a first run.
    inventory: {
      cacheDirectory: join(directory, "layers"),
      results: { directory: join(directory, "layers/inventories") },
    },
    content: { directory: join(directory, "layers/content") },
    scan: {
      required: true,
      database: join(directory, "db"),
      version: "bench",
      failOn: "critical",
      cache: { directory: join(directory, "layers/results") },
    },
    sbom: { required: true, formats: ["cyclonedx-json"], attach: true, sign: true },
    signing: { required: true, signer, verify: { keys: signer.publicKey === undefined ? [] : [signer.publicKey] } },
  };
}

/** Does one of the things that are measured, and tells what it took. */
async function play(role: string, directory: string): Promise<void> {
  const images: unknown = JSON.parse(await readFile(join(directory, "images.json"), "utf8"));
  if (!Array.isArray(images)) throw new Error("images.json holds no list");
  const named = images.map(String);
  const plan = planOf(directory, await readFile(join(directory, "key.pem"), "utf8"));
  // Loaded at their first use, which from source takes longer than all that one image is asked: part of the program here.
  await import("@sc/sbom/catalogers");
  const began = performance.now();
  const before = process.cpuUsage();
  if (role === "inventory") {
    await using connection = new Connection();
    await inventory(named[0] ?? "", { connection });
  } else {
    const scan = plan.scan === undefined ? undefined : { ...plan.scan, cache: undefined };
    const one = { ...plan, scan, images: named.slice(0, 1), inventory: {} };
    const asked = role === "one" ? one : { ...plan, images: named };
    const { outcome } = await secure(asked);
    if (outcome !== "pass") throw new Error(`the chain ended in ${outcome}`);
  }
  const { user, system } = process.cpuUsage(before);
  const sample: Sample = { milliseconds: performance.now() - began, cpuMilliseconds: (user + system) / 1000 };
  process.send?.(sample);
}

function start(role: string, directory: string): ChildProcess {
  return fork(import.meta.filename, [...process.argv.slice(2), "--role", role, "--directory", directory]);
}

async function sampled(role: string, directory: string): Promise<Sample> {
  const child = start(role, directory);
  const answer: readonly unknown[] = await Promise.race([once(child, "message"), once(child, "exit")]);
  const [sample] = answer;
  if (!isSample(sample)) throw new Error(`${role}: ended with ${String(sample)}`);
  if (child.exitCode === null) await once(child, "exit");
  return sample;
}

function isSample(value: unknown): value is Sample {
  return typeof value === "object" && value !== null && "cpuMilliseconds" in value;
}

/** The reference: every unique layer once. The shell's `times` says what its children used. */
function gunzip(directory: string): Sample {
  const began = performance.now();
  const output = execFileSync("sh", ["-c", 'gzip -dc "$0"/*.gz >/dev/null && times', directory], { encoding: "utf8" });
  const milliseconds = performance.now() - began;
  const times = [...(output.trim().split("\n").at(-1) ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
  const seconds = times.reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0);
  return { milliseconds, cpuMilliseconds: seconds * 1000 };
}

async function compare(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "sc-bench-services-"));
  const registry = start("registry", directory);
  try {
    const advisories = join(import.meta.dirname, "../vectors/advisories");
    await buildDatabase([advisories], { output: join(directory, "db"), now: new Date() });
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await writeFile(join(directory, "key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    await once(registry, "message");
    // A registry that holds no signature yet, and no facts of layers: a first run.
    const afresh = async (): Promise<void> => {
      const served = once(registry, "message");
      registry.send("afresh");
      const [images]: readonly unknown[] = await served;
      await writeFile(join(directory, "images.json"), JSON.stringify(images));
      await rm(join(directory, "layers"), { recursive: true, force: true });
    };
    const names = {
      gzip: "gzip -dc, the unique layers once",
      inventory: "inventory of one image",
      one: "the chain, one image",
      all: `the chain, ${services} images`,
      again: "the same again",
    };
    const contenders: Contender[] = [
      { name: names.gzip, run: async () => await afresh().then(() => gunzip(directory)) },
      { name: names.inventory, run: async () => await sampled("inventory", directory) },
      { name: names.one, run: async () => await sampled("one", directory) },
      { name: names.all, run: async () => await afresh().then(async () => await sampled("all", directory)) },
      { name: names.again, run: async () => await sampled("all", directory) },
    ];
    const measured = await measure(contenders, rounds);
    console.log(formatTable(measured));
    const wanted = [
      { fast: names.gzip, slow: names.all, most: "2.2" },
      { fast: names.all, slow: names.again, most: "0.03" },
      { fast: names.inventory, slow: names.one, most: "1.1" },
    ];
    for (const { most, ...pair } of wanted) {
      const [wall, cpu] = [ratio(measured, "median", pair), ratio(measured, "cpuMedian", pair)];
      console.log(
        `${pair.slow} / ${pair.fast}: ${wall.toFixed(3)} by wall, ${cpu.toFixed(3)} by processor; at most ${most}`,
      );
    }
  } finally {
    registry.kill();
    await rm(directory, { recursive: true, force: true });
  }
}

const { role, directory = "" } = values;
if (role === undefined) await compare();
else if (role === "registry") await serve(directory);
else await play(role, directory);
