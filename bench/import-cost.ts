/**
 * What importing each package costs over a bare Node.js, and what it weighs: the packages as they are published, each
 * imported in processes of its own, alternating.
 *
 *   node bench/import-cost.ts [--smoke]
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installPacked } from "../test/packed-packages.ts";

const runs = process.argv.includes("--smoke") ? 2 : 21;
const bare = "nothing";

interface Cost {
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
}

// The process says itself what it used: starting it from here costs more than what is measured.
function importOnce(name: string, folder: string): Cost {
  const line = name === bare ? "" : `await import(${JSON.stringify(name)});`;
  const told = `const { user, system } = process.cpuUsage(); console.log(performance.now(), (user + system) / 1000);`;
  const words = ["--input-type=module", "-e", `${line} ${told}`];
  const text = execFileSync(process.execPath, words, { cwd: folder, encoding: "utf8" });
  const [milliseconds = Number.NaN, cpuMilliseconds = Number.NaN] = text.trim().split(" ").map(Number);
  return { milliseconds, cpuMilliseconds };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[numbers.length >> 1] ?? Number.NaN;
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules")
    .reduce((sum, entry) => {
      const path = join(folder, entry.name);
      return sum + (entry.isDirectory() ? bytesIn(path) : statSync(path).size);
    }, 0);
}

const folder = mkdtempSync(join(tmpdir(), "sc-bench-import-"));
try {
  installPacked(folder);
  const packages = readdirSync(join(folder, "node_modules/@sc")).map((name) => `@sc/${name}`);
  const names = [bare, ...packages];
  const costs = new Map(names.map((name) => [name, [] as Cost[]]));
  for (let run = 0; run < runs; run += 1) {
    for (const name of names) costs.get(name)?.push(importOnce(name, folder));
  }
  const medians = new Map(
    [...costs].map(([name, taken]) => [
      name,
      {
        milliseconds: median(taken.map(({ milliseconds }) => milliseconds)),
        cpuMilliseconds: median(taken.map(({ cpuMilliseconds }) => cpuMilliseconds)),
      },
    ]),
  );
  const floor = medians.get(bare);
  console.log("package        over bare Node.js: ms  processor ms   unpacked kB");
  for (const name of packages) {
    const cost = medians.get(name);
    if (cost === undefined || floor === undefined) throw new Error(`${name}: was not measured`);
    const over = [cost.milliseconds - floor.milliseconds, cost.cpuMilliseconds - floor.cpuMilliseconds];
    const [wall = "", cpu = ""] = over.map((number) => number.toFixed(1));
    const size = (bytesIn(join(folder, "node_modules", name)) / 1000).toFixed(0);
    console.log(`${name.padEnd(14)} ${wall.padStart(22)} ${cpu.padStart(13)} ${size.padStart(13)}`);
  }
  console.log(`bare Node.js: ${floor?.milliseconds.toFixed(1)} ms, ${floor?.cpuMilliseconds.toFixed(1)} processor ms`);
} finally {
  rmSync(folder, { recursive: true });
}
