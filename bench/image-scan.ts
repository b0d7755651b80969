import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildImage, buildLayer, writeLayout } from "@sc/testing";
import { countNames, createRandom, packageName } from "./advisories.ts";

// How long the whole of `sc image scan` takes on an image whose layers were read before: at most 300 ms. The built
// bundle, a layout on disk with 214 packages in six layers, and a database of 300,000 advisories. Processor time is
// that of the whole process, Node.js itself included.
const { values } = parseArgs({
  options: {
    smoke: { type: "boolean", default: false },
    records: { type: "string", default: "300000" },
    /** A database that build-database.ts left. */
    database: { type: "string" },
    runs: { type: "string", default: "15" },
  },
});
const count = values.smoke ? 3_000 : Number(values.records);
const runs = values.smoke ? 2 : Number(values.runs);
const root = join(import.meta.dirname, "..");
const random = createRandom(5);

const versionOf = (index: number, suffix: string): string =>
  `${index % 20 === 0 ? random(20) : 30}.${random(50)}.0${suffix}`;

function systemLayer(number: number) {
  const stanzas = Array.from({ length: number }, (_, index) =>
    [
      `Package: ${packageName(random(countNames(count)))}`,
      "Status: install ok installed",
      "Architecture: amd64",
      `Version: ${versionOf(index, "-1")}`,
      "",
    ].join("\n"),
  );
  return buildLayer([
    { path: "etc/os-release", content: 'ID=debian\nVERSION_ID="12"\n' },
    { path: "var/lib/dpkg/status", content: stanzas.join("\n") },
  ]);
}

function moduleLayer(layer: number, number: number) {
  return buildLayer(
    Array.from({ length: number }, (_, index) => {
      const name = packageName(random(countNames(count)));
      return {
        path: `app${layer}/node_modules/${name}/package.json`,
        content: JSON.stringify({ name, version: versionOf(index, "") }),
      };
    }),
  );
}

interface Run {
  readonly milliseconds: number;
  readonly processor: number;
}

const report = "process.on('exit',()=>{const u=process.cpuUsage();require('fs').writeSync(3,String(u.user+u.system))})";

/** Runs a program of Node.js to its end and tells what it took. */
function run(hook: string, words: readonly string[], variables: Readonly<Record<string, string>>): Run {
  const start = performance.now();
  const ran = spawnSync(process.execPath, ["--require", hook, ...words], {
    env: variables,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const milliseconds = performance.now() - start;
  if (ran.status !== 0) throw new Error(`ended with ${ran.status}: ${String(ran.output[2])}`);
  return { milliseconds, processor: Number(String(ran.output[3])) / 1000 };
}

function describe(name: string, all: readonly Run[]): string {
  const sorted = (key: keyof Run): readonly number[] => all.map((one) => one[key]).toSorted((a, b) => a - b);
  const [times, processor] = [sorted("milliseconds"), sorted("processor")];
  const figures = [times[0], times[times.length >> 1], processor[0], processor[processor.length >> 1]];
  return `${name.padEnd(30)}${figures.map((figure) => (figure ?? Number.NaN).toFixed(1).padStart(10)).join("")}`;
}

const folder = await mkdtemp(join(tmpdir(), "sc-bench-"));
try {
  const database = values.database ?? join(folder, "db");
  if (values.database === undefined) {
    const script = join(import.meta.dirname, "build-database.ts");
    execFileSync(process.execPath, [script, "--records", String(count), "--output", database], { stdio: "ignore" });
  }
  execFileSync(join(root, "node_modules/.bin/rolldown"), ["-c", "rolldown.config.ts"], { cwd: root, stdio: "ignore" });
  const bundle = join(root, "packages/cli/dist/bundle/sc.js");
  const layers = [systemLayer(141), ...[12, 13, 16, 16, 16].map((number, index) => moduleLayer(index, number))];
  const layout = join(folder, "layout");
  await writeLayout(layout, buildImage({ layers }));
  const hook = join(folder, "hook.cjs");
  await writeFile(hook, report);
  const variables = { HOME: folder, PATH: process.env["PATH"] ?? "" };
  const scan = [bundle, "image", "scan", "-i", `oci-layout:${layout}`, "--db", database];
  const contenders: Readonly<Record<string, readonly string[]>> = {
    "node -e 0": ["-e", "0"],
    "sc --version": [bundle, "--version"],
    "sc image scan, nothing known": [...scan, "--no-cache"],
    "sc image scan, layers known": [...scan, "--cache-ttl", "1ms"],
    "sc image scan, result known": scan,
  };
  const taken = new Map<string, Run[]>(Object.keys(contenders).map((name) => [name, []]));
  // One run of each that is not counted: it fills the caches.
  for (const words of Object.values(contenders)) run(hook, words, variables);
  for (let round = 0; round < runs; round += 1) {
    for (const [name, words] of Object.entries(contenders)) taken.get(name)?.push(run(hook, words, variables));
  }
  console.log(`${"".padEnd(30)}      best    median  cpu best   cpu med`);
  for (const [name, all] of taken) console.log(describe(name, all));
} finally {
  await rm(folder, { recursive: true, force: true });
}
