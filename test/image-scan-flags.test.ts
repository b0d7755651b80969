import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDatabase } from "@sc/scan";
import { buildImage, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeRecords } from "./matching-database.ts";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

// The flags of the row for `sc image scan` in the requirements, in so far as no other file of tests is about them.
const directory = mkdtempSync(join(tmpdir(), "sc-scan-flags-"));
const database = join(directory, "db");
const content = JSON.stringify({ name: "lodash", version: "4.17.15" });
const image = buildImage({ layers: [buildLayer([{ path: "app/node_modules/lodash/package.json", content }])] });

let registry: TestRegistry;
let reference: string;

beforeAll(async () => {
  const ranges = [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "4.17.21" }] }];
  const record = (id: string, severity: string) => ({
    id,
    modified: "2026-01-01T00:00:00Z",
    database_specific: { severity },
    affected: [{ package: { ecosystem: "npm", name: "lodash" }, ranges }],
  });
  const records = [record("SC-SAMPLE-1", "HIGH"), record("SC-SAMPLE-2", "LOW")];
  await buildDatabase([await writeRecords(directory, records)], { output: database, now: new Date("2026-11-20") });
  registry = await startRegistry();
  reference = pushImage(registry, "acme/api:1", image);
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
});

async function scan(...words: readonly string[]): Promise<Ran> {
  const asked = ["image", "scan", "--image", reference, ...words];
  return await runCli(words.includes("--db") ? asked : [...asked, "--db", database], {
    variables: { HOME: directory, LANG: "C.UTF-8" },
  });
}

function idsOf(ran: Ran): readonly string[] {
  const findings: unknown = documentOf(ran)["findings"];
  return Array.isArray(findings) ? findings.map(({ id }: { id: string }) => id).toSorted() : [];
}

describe("flags of sc image scan (SCAN-5, SCAN-6)", () => {
  test("--severity takes names in either case and shows those alone", async () => {
    expect(idsOf(await scan("--format", "json"))).toEqual(["SC-SAMPLE-1", "SC-SAMPLE-2"]);
    for (const list of ["HIGH,CRITICAL", "high, critical"]) {
      expect(idsOf(await scan("--format", "json", "--severity", list)), list).toEqual(["SC-SAMPLE-1"]);
    }
    expect((await scan("--severity", "HIGHEST")).exitCode).toBe(3);
  });

  test("--severity hides a finding from the report and never from a gate", async () => {
    expect((await scan("--severity", "critical", "--fail-on", "high")).exitCode).toBe(1);
  });

  test("--fail-on, --warn-on and --exit-code: only a violated gate ends in the code that is asked for", async () => {
    expect((await scan("--fail-on", "high")).exitCode).toBe(1);
    expect((await scan("--fail-on", "high", "--exit-code", "7")).exitCode).toBe(7);
    expect((await scan("--fail-on", "critical", "--exit-code", "7")).exitCode).toBe(0);
    // 256 would be a success to the shell that called.
    for (const wrong of ["256", "-1", "1e2", "", "0x1"]) {
      expect((await scan("--fail-on", "high", `--exit-code=${wrong}`)).exitCode, wrong).toBe(3);
    }
    expect((await scan("--warn-on", "low", "--exit-code", "7")).exitCode).toBe(0);
  });

  test("--exit-code 0 ends in success and still tells of the violation", async () => {
    const ran = await scan("--fail-on", "high", "--exit-code", "0", "--format", "json");
    expect([ran.exitCode, documentOf(ran)["outcome"]]).toEqual([0, "violation"]);
    const text = (await scan("--fail-on", "high", "--exit-code", "0")).stdout;
    expect(text).toContain("SC-SAMPLE-1");
  });

  test("--required is so unless it is said otherwise: =false tells of a scan that could not be made and ends in 0", async () => {
    const absent = ["--db", join(directory, "absent")];
    for (const words of [[], ["--required"], ["--required=true"]]) {
      expect((await scan(...absent, ...words)).exitCode, words.join()).toBe(2);
    }
    const told = await scan(...absent, "--required=false", "--format", "json");
    expect([told.exitCode, documentOf(told)]).toEqual([
      0,
      expect.objectContaining({ outcome: "error", error: expect.objectContaining({ code: "DATABASE_MISSING" }) }),
    ]);
    expect(documentOf(told)["findings"]).toBeUndefined();
    const text = await scan(...absent, "--required=false");
    expect([text.exitCode, text.stdout]).toEqual([0, expect.stringContaining("not scanned")]);
    const unreachable = await runCli([
      "image",
      "scan",
      "-i",
      "127.0.0.1:1/acme/api:1",
      "--db",
      database,
      "--offline",
      "--required=false",
    ]);
    expect(unreachable.exitCode).toBe(0);
  });

  test("--required=false gets over no gate, no wrong use, and nothing that is not trusted", async () => {
    expect((await scan("--required=false", "--fail-on", "high")).exitCode).toBe(1);
    expect((await scan("--required=false", "--fail-on", "highest")).exitCode).toBe(3);
    expect((await scan("--required=false", "--exit-code", "900")).exitCode).toBe(3);
  });

  test("a scan that cannot be made fails, whatever else is asked", async () => {
    for (const words of [[], ["--only-fixed"], ["--severity", "low"], ["--exit-code", "7"]]) {
      expect((await scan(...words, "--db", join(directory, "absent"))).exitCode).toBe(2);
    }
  });

  test("--output writes the report into a file", async () => {
    const path = join(directory, "report.sarif");
    const ran = await scan("--format", "sarif", "--output", path);
    expect([ran.exitCode, ran.stdout]).toEqual([0, expect.not.stringContaining("SC-SAMPLE-1")]);
    expect(readFileSync(path, "utf8")).toContain("SC-SAMPLE-1");
  });

  test("--tool: a name of another scanner is served by sc, which says so", async () => {
    for (const tool of ["grype", "trivy", "all"]) {
      const ran = await scan("--tool", tool, "--format", "json");
      expect(idsOf(ran), tool).toEqual(["SC-SAMPLE-1", "SC-SAMPLE-2"]);
      expect(ran.stderr, tool).toContain("no other scanner is run");
    }
    expect((await scan("--tool", "clair")).exitCode).toBe(3);
  });

  test("--only-fixed judges what an upgrade mends, and --cache-dir is where results are kept", async () => {
    const cache = join(directory, "cache");
    for (const round of ["first", "again"]) {
      const ran = await scan("--only-fixed", "--fail-on", "high", "--cache-dir", cache);
      expect(ran.exitCode, round).toBe(1);
    }
  });
});
