import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildDatabase } from "@sc/scan";
import { writeAdvisories } from "./advisories.ts";

// How long building a database takes, and how much memory: 300,000 records in at most 60 s and 400 MiB.
const { values } = parseArgs({
  options: {
    smoke: { type: "boolean", default: false },
    records: { type: "string", default: "300000" },
    /** Keeps the database there. */
    output: { type: "string" },
    /** Writes the zip there and nothing else: in a process of its own, whose memory is not measured. */
    generate: { type: "string" },
    /** A zip that was generated before, with as many records as `--records` says: for millions, writing it takes as long. */
    zip: { type: "string" },
  },
});
const count = values.smoke ? 3_000 : Number(values.records);
if (values.generate === undefined) await build();
else await writeAdvisories(values.generate, count);

function generate(zip: string): string {
  const generator = [import.meta.filename, "--records", String(count), "--generate", zip];
  if (spawnSync(process.execPath, generator, { stdio: "inherit" }).status !== 0) throw new Error("there is no zip");
  return zip;
}

async function build(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sc-bench-"));
  try {
    const zip = values.zip ?? generate(join(folder, "all.zip"));
    const output = values.output ?? join(folder, "db");
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    const { records, problemCount, facts } = await buildDatabase([zip], { output, now: new Date(0) });
    const seconds = (performance.now() - start) / 1000;
    const used = process.cpuUsage(cpu);
    const mebibytes = facts.ecosystems.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 2 ** 20;
    console.log(`records      ${records}, problems ${problemCount}`);
    console.log(
      `time         ${seconds.toFixed(1)} s, of which processor ${((used.user + used.system) / 1e6).toFixed(1)} s`,
    );
    console.log(`peak memory  ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
    console.log(`database     ${mebibytes.toFixed(1)} MiB in ${facts.ecosystems.length} files`);
    if (records !== count || problemCount > 0) throw new Error("not every record was read");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
