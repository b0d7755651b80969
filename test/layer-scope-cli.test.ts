import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDatabase } from "@sc/scan";
import { buildImage, buildLayer, pushImage, startRegistry, whiteout } from "@sc/testing";
import { beforeAll, expect, test } from "vitest";
import { type Ran, runCli } from "./run-cli.ts";

const directory = mkdtempSync(join(tmpdir(), "sc-scope-"));
const database = join(directory, "db");
const manifest = (name: string, version: string): { path: string; content: string } => ({
  path: `app/node_modules/${name}/package.json`,
  content: JSON.stringify({ name, version }),
});
const image = buildImage({
  layers: [
    buildLayer([manifest("lodash", "4.17.15"), manifest("minimist", "1.2.5")]),
    buildLayer([whiteout("app/node_modules/lodash")]),
  ],
});

async function sc(...words: readonly string[]): Promise<Ran> {
  return await runCli(words, { variables: { HOME: directory, LANG: "C.UTF-8" } });
}

beforeAll(async () => {
  const vectors = join(import.meta.dirname, "../vectors/advisories");
  await buildDatabase([vectors], { output: database, now: new Date("2026-11-20T00:00:00Z") });
});

test("sbom generate lists what a later layer took away only for all layers, as another document (SBOM-3)", async () => {
  await using registry = await startRegistry();
  const reference = pushImage(registry, "acme/api:1", image);
  const generate = ["sbom", "generate", "-i", reference, "--format"];
  const squashed = await sc(...generate, "table");
  expect(squashed.stdout).toBe("NAME      VERSION  TYPE\nminimist  1.2.5    npm\n");
  const all = await sc(...generate, "table", "--scope", "all-layers");
  expect(all.stdout).toBe(
    "NAME      VERSION  TYPE  LAYER\nlodash    4.17.15  npm   0, hidden by 1\nminimist  1.2.5    npm   0\n",
  );
  const serials: unknown[] = [];
  for (const scope of ["squashed", "all-layers"]) {
    const runs = [0, 1].map(() => sc(...generate, "cyclonedx-json", "--scope", scope));
    const [first, second] = await Promise.all(runs);
    expect(first?.stdout).toBe(second?.stdout);
    const document: { serialNumber: string } = JSON.parse(first?.stdout ?? "");
    serials.push(document.serialNumber);
  }
  expect(new Set(serials).size).toBe(2);
  expect((await sc(...generate, "table", "--scope", "everything")).exitCode).toBe(3);
});

test("image scan finds what is hidden only for all layers, says so, and the gate sees it (SCAN-4)", async () => {
  await using registry = await startRegistry();
  const reference = pushImage(registry, "acme/api:1", image);
  const scan = ["scan", "-i", reference, "--db", database, "--fail-on", "low"];
  expect((await sc(...scan)).stdout).not.toContain("lodash");
  const all = await sc(...scan, "--scope", "all-layers");
  expect(all.exitCode).toBe(1);
  expect(all.stdout).toMatch(/lodash .*hidden/);
  expect(all.stdout).not.toMatch(/minimist .*hidden/);
  const explained = await sc(...scan, "--scope", "all-layers", "--explain", "CVE-2021-23337");
  expect(explained.stdout).toContain("hidden    by layer 1: it is not in the image itself");
});
