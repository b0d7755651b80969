/** Runs every bench in its small form, so that a bench that no longer runs is noticed the same day. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const bench = join(import.meta.dirname, "..", "bench");
let count = 0;
for (const file of readdirSync(bench).filter((name) => name.endsWith(".ts"))) {
  const path = join(bench, file);
  if (!readFileSync(path, "utf8").includes("--smoke")) continue;
  console.log(`bench ${file} --smoke`);
  execFileSync(process.execPath, [path, "--smoke"], { stdio: ["ignore", "inherit", "inherit"], timeout: 120_000 });
  count += 1;
}
if (count === 0) throw new Error("bench: no file understands --smoke; wanted at least one");
