/**
 * What writing a document of many components costs, each format in a process of its own: time, that of all its
 * threads on a processor, and the memory at its highest over what the inventory took. Chunks are counted and dropped, as a file or socket takes them.
 */
import { spawnSync } from "node:child_process";
import type { Inventory, Package } from "@sc/model";
import { documentFormats, findDocumentFormat } from "@sc/sbom";

const smoke = process.argv.includes("--smoke");
const count = smoke ? 1000 : 100_000;
const child = process.argv.indexOf("--format");

function packageAt(index: number): Package {
  const name = `package-${index}`;
  return {
    kind: "package",
    id: `pkg:npm/${name}@1.${index}.0`,
    type: "npm",
    name,
    version: `1.${index}.0`,
    purl: `pkg:npm/${name}@1.${index}.0`,
    cataloger: "node-modules",
    evidence: "installed",
    locations: [{ path: `app/node_modules/${name}/package.json`, layer: `sha256:${"a".repeat(64)}`, layerIndex: 0 }],
    licenses: [{ declared: "MIT", expression: "MIT" }],
    supplier: "Somebody <somebody@example.org>",
    homepage: `https://example.org/${name}`,
  };
}

function inventoryOf(size: number): Inventory {
  const packages = Array.from({ length: size }, (_, index) => packageAt(index));
  const relationships = packages.slice(1).map((entry, index) => {
    return { from: packages[index]?.id ?? "", to: entry.id, type: "depends-on" as const };
  });
  const layers = [{ digest: `sha256:${"a".repeat(64)}` as const, mediaType: "application/x", size: 1 }];
  const subject = { type: "image", name: "bench", digest: `sha256:${"b".repeat(64)}` } as const;
  return { subject, layers, packages, relationships, problems: [], incomplete: false, catalogers: [] };
}

if (child === -1) {
  for (const { id } of documentFormats) {
    const ran = spawnSync(process.execPath, [import.meta.filename, "--format", id, ...process.argv.slice(2)], {
      encoding: "utf8",
    });
    process.stdout.write(ran.stdout);
    if (ran.status !== 0) throw new Error(`${id}: ${ran.stderr}`);
  }
} else {
  const format = findDocumentFormat(process.argv[child + 1] ?? "");
  if (format === undefined) throw new Error("no such format");
  const inventory = inventoryOf(count);
  const before = process.memoryUsage.rss();
  const [begin, cpuBegin] = [performance.now(), process.cpuUsage()];
  let bytes = 0;
  for (const chunk of format.write(inventory)) bytes += chunk.length;
  const milliseconds = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpuBegin);
  const peak = process.resourceUsage().maxRSS * 1024;
  console.log(
    `${format.id.padEnd(16)} ${count} components  ${(bytes / 1e6).toFixed(1).padStart(6)} MB  ${milliseconds.toFixed(0).padStart(5)} ms, ${((user + system) / 1000).toFixed(0).padStart(5)} of processors  peak ${(peak / 1e6).toFixed(0)} MB, ${((peak - before) / 1e6).toFixed(0)} MB over the inventory`,
  );
}
