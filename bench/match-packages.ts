import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Distribution, Package } from "@sc/model";
import { matchInventory, openDatabase } from "@sc/scan";
import { countNames, createRandom, packageName, shapes } from "./advisories.ts";

// How long matching takes, opening included, and how much memory over a process that does nothing: 1,000 packages
// against 300,000 advisories in at most 50 ms and 80 MiB. Every package has about ten advisories; one in twenty is old.
const { values } = parseArgs({
  options: {
    smoke: { type: "boolean", default: false },
    records: { type: "string", default: "300000" },
    /** A database that build-database.ts left. */
    database: { type: "string" },
    /** Of how many packages one is old enough to be affected. */
    old: { type: "string", default: "20" },
  },
});
const count = values.smoke ? 3_000 : Number(values.records);

const distribution: Distribution = {
  kind: "distribution",
  id: "debian",
  idLike: [],
  versionId: "12",
  fields: {},
  path: "etc/os-release",
};

function makePackages(number: number): readonly Package[] {
  const random = createRandom(99);
  const languages = shapes.filter(({ type }) => type !== "apk");
  return Array.from({ length: number }, (_, index) => {
    const { type, suffix } = languages[index % languages.length] ?? shapes[0];
    const name = packageName(random(countNames(count)));
    const major = index % Number(values.old) === 0 ? random(20) : 30;
    const version = `${major}.${random(50)}.0${suffix}`;
    const purl = `pkg:${type}/${name}@${version}` as const;
    return {
      kind: "package",
      id: `${purl}#${index}`,
      type,
      name,
      version,
      purl,
      cataloger: "bench",
      evidence: "installed",
      locations: [{ path: "usr/lib/packages" }],
      licenses: [],
    };
  });
}

function describe({ milliseconds, processor }: { milliseconds: number; processor: number }): string {
  return `${milliseconds.toFixed(1)} ms (processor ${processor.toFixed(1)} ms)`;
}

async function matchOnce(path: string, packages: readonly Package[]) {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await using database = await openDatabase(path);
  const { findings, coverage } = matchInventory({ packages, distribution }, database);
  const used = process.cpuUsage(cpu);
  const processor = (used.user + used.system) / 1000;
  return { milliseconds: performance.now() - start, processor, findings: findings.length, compared: coverage.compared };
}

const folder = await mkdtemp(join(tmpdir(), "sc-bench-"));
try {
  const path = values.database ?? join(folder, "db");
  if (values.database === undefined) {
    const script = join(import.meta.dirname, "build-database.ts");
    const built = spawnSync(process.execPath, [script, "--records", String(count), "--output", path], {
      stdio: "ignore",
    });
    if (built.status !== 0) throw new Error("the database could not be built");
  }
  const packages = makePackages(1_000);
  const before = process.resourceUsage().maxRSS;
  const first = await matchOnce(path, packages);
  const peak = (process.resourceUsage().maxRSS - before) / 1024;
  const later = [];
  for (let round = 0; round < 9; round += 1) later.push(await matchOnce(path, packages));
  const median = later.toSorted((left, right) => left.milliseconds - right.milliseconds)[4] ?? first;
  console.log(`packages     ${packages.length}, compared ${first.compared}, findings ${first.findings}`);
  console.log(`time         first ${describe(first)}; median of nine later ${describe(median)}`);
  console.log(`peak memory  ${peak.toFixed(1)} MiB over the process before`);
  if (first.compared !== packages.length || first.findings === 0) throw new Error("not every package was compared");
} finally {
  await rm(folder, { recursive: true, force: true });
}
