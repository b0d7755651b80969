/** What starting the command line costs over a bare Node.js: best and median of alternating runs of the built bundle. */
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const runs = process.argv.includes("--smoke") ? 3 : 30;

execFileSync(join(root, "node_modules/.bin/rolldown"), ["-c", "rolldown.config.ts"], { cwd: root, stdio: "ignore" });
const bundle = join(root, "packages/cli/dist/bundle/sc.js");
const lines: Readonly<Record<string, readonly string[]>> = {
  "node -e 0": ["-e", "0"],
  "sc --version": [bundle, "--version"],
  "sc help": [bundle, "help"],
  "sc image scan --help": [bundle, "image", "scan", "--help"],
  "sc (usage error)": [bundle, "imaeg"],
};

const taken = new Map(Object.keys(lines).map((name) => [name, [] as number[]]));
for (let run = 0; run < runs; run += 1) {
  for (const [name, words] of Object.entries(lines)) {
    const begin = process.hrtime.bigint();
    const { status, signal } = spawnSync(process.execPath, words, { stdio: "ignore" });
    if (signal !== null || status === null) throw new Error(`${name}: ended by ${signal}`);
    taken.get(name)?.push(Number(process.hrtime.bigint() - begin) / 1e6);
  }
}

const sorted = (name: string): readonly number[] => (taken.get(name) ?? []).toSorted((left, right) => left - right);
const bare = sorted("node -e 0");
for (const name of Object.keys(lines)) {
  const times = sorted(name);
  const best = (times[0] ?? 0) - (bare[0] ?? 0);
  const median = (times[runs >> 1] ?? 0) - (bare[runs >> 1] ?? 0);
  console.log(
    `${name.padEnd(22)} best ${times[0]?.toFixed(1)} ms, over bare: best ${best.toFixed(1)}, median ${median.toFixed(1)} ms`,
  );
}
