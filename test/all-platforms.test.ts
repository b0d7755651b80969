import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDatabase } from "@sc/scan";
import { buildImage, buildIndex, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeRecords } from "./matching-database.ts";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

// An index with an old lodash on one platform only, and with two images for another.
const directory = mkdtempSync(join(tmpdir(), "sc-all-platforms-"));
const database = join(directory, "db");
const imageOf = (architecture: string, name: string, version: string) => {
  const path = `app/node_modules/${name}/package.json`;
  const layer = buildLayer([{ path, content: JSON.stringify({ name, version }) }]);
  return buildImage({ layers: [layer], platform: { os: "linux", architecture } });
};

let registry: TestRegistry;
let reference = "";

beforeAll(async () => {
  const images = [
    imageOf("amd64", "lodash", "4.17.21"),
    imageOf("arm64", "lodash", "4.17.15"),
    imageOf("s390x", "is-odd", "3.0.1"),
    imageOf("s390x", "is-odd", "3.0.0"),
  ];
  const record = {
    id: "SC-SAMPLE-1",
    modified: "2026-01-01T00:00:00Z",
    database_specific: { severity: "HIGH" },
    affected: [
      {
        package: { ecosystem: "npm", name: "lodash" },
        ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "4.17.21" }] }],
      },
    ],
  };
  await buildDatabase([await writeRecords(directory, [record])], { output: database, now: new Date("2026-11-20") });
  registry = await startRegistry();
  reference = pushImage(registry, "acme/api:1", buildIndex({ images }));
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

async function sc(command: string, ...words: readonly string[]): Promise<Ran> {
  const asked = [...command.split(" "), reference, ...words];
  return await runCli(command === "image scan" ? [...asked, "--db", database] : asked, {
    variables: { HOME: directory, LANG: "C.UTF-8" },
  });
}

describe("--all-platforms (OCI-2)", () => {
  test("scans every image of an index, and one that violates the policy is enough", async () => {
    const ran = await sc("image scan", "--all-platforms", "--fail-on", "high");
    expect(ran.exitCode).toBe(1);
    expect(ran.stdout.match(/linux\/\w+$/gm)).toEqual(
      ["amd64", "arm64", "s390x", "s390x", "arm64"].map((name) => `linux/${name}`),
    );
    expect(ran.stdout.trimEnd().split("\n").at(-1)).toBe("✗ 1 of 4 platforms violate the policy: linux/arm64");
    expect((await sc("image scan", "--platform", "linux/amd64", "--fail-on", "high")).exitCode).toBe(0);
  });

  test("says in JSON what came of each, and in a file of its own what --platform says of it", async () => {
    const words = ["--all-platforms", "--format", "json", "--format", `sarif=${join(directory, "{platform}.sarif")}`];
    const ran = await sc("image scan", ...words);
    expect(documentOf(ran)).toMatchObject({
      outcome: "pass",
      images: [
        { platform: "linux/amd64", findings: [] },
        { platform: "linux/arm64", findings: [{ id: "SC-SAMPLE-1" }] },
        { platform: "linux/s390x" },
        { platform: "linux/s390x" },
      ],
    });
    const written = readdirSync(directory).filter((name) => name.endsWith(".sarif"));
    expect(written.toSorted()).toEqual([
      "linux-amd64.sarif",
      "linux-arm64.sarif",
      ...written.filter((name) => /^linux-s390x-[0-9a-f]{12}\.sarif$/.test(name)).toSorted(),
    ]);
    expect(written).toHaveLength(4);
    const alone = await sc("image scan", "--platform", "linux/arm64", "--format", "sarif");
    expect(readFileSync(join(directory, "linux-arm64.sarif"), "utf8").trim()).toBe(alone.stdout.trim());
  });

  test("writes an SBOM for each, the same bytes as for that platform alone", async () => {
    const place = join(directory, "sbom", "{platform}.cdx.json");
    const ran = await sc("sbom generate", "--all-platforms", "--format", `cyclonedx-json=${place}`);
    expect(ran.exitCode).toBe(0);
    const alone = await sc("sbom generate", "--platform", "linux/arm64");
    expect(readFileSync(place.replace("{platform}", "linux-arm64"), "utf8")).toBe(alone.stdout);
  });

  test.each([
    ["sbom generate", [], "standard output"],
    ["sbom generate", ["--format", "spdx-json=a.json"], "a.json"],
    ["image scan", ["--format", "sarif"], "standard output"],
    ["image scan", ["--html-output", "a.html"], "a.html"],
    ["image scan", ["--platform", "linux/amd64"], "--platform and --all-platforms"],
    ["image scan", ["--explain", "CVE-1"], "--explain"],
    ["image scan", ["--upload-defectdojo"], "--upload-defectdojo"],
  ])("of %s %j is refused before anything is read", async (command, words, named) => {
    registry.requests.length = 0;
    const ran = await sc(command, "--all-platforms", ...words);
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr.replaceAll(/\s+/g, " ")).toContain(named);
    expect(registry.requests).toEqual([]);
  });
});
