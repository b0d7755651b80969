import { mkdtempSync, truncateSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import type { Package } from "@sc/model";
import { buildDatabase, matchInventory, openDatabase } from "@sc/scan";
import { beforeAll, describe, expect, test } from "vitest";
import { distribution, installed, inventoryOf, matchRecords, openFolder, writeRecords } from "./matching-database.ts";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

const directory = mkdtempSync(join(tmpdir(), "sc-bad-"));
const database = join(directory, "db");
const file = (name: string): string => join(directory, name);

async function sc(words: readonly string[], input = ""): Promise<Ran> {
  return await runCli(words, { variables: { HOME: directory, LANG: "C.UTF-8" }, input });
}

const record = (id: string, ecosystem: string, name: string, fixed = "9") => ({
  id,
  modified: "2026-01-01T00:00:00Z",
  affected: [
    { package: { ecosystem, name }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed }] }] },
  ],
});

beforeAll(async () => {
  const records = await writeRecords(directory, [record("CVE-2026-1", "npm", "left", "2.0.0")]);
  await buildDatabase([records], { output: database, now: new Date("2026-11-20T00:00:00Z") });
});

describe("a document that is given to the scanner", () => {
  test("of a gigabyte is refused unread, with its size and the bound", async () => {
    writeFileSync(file("huge.json"), "{");
    truncateSync(file("huge.json"), 1024 ** 3);
    const ran = await sc(["scan", "--sbom", file("huge.json"), "--db", database, "--json"]);
    expect([ran.exitCode, documentOf(ran)]).toMatchObject([
      4,
      { outcome: "error", error: { code: "FILE_UNREADABLE" } },
    ]);
    expect(ran.stderr.replaceAll(/\s+/g, " ")).toContain("1073741824 bytes, wanted at most 419430400");
  });

  test.each([
    ["a report of another scanner", '{"matches": [], "descriptor": {"name": "grype"}}'],
    ["a record of an advisory", JSON.stringify(record("CVE-2026-1", "npm", "left"))],
    ["an image's manifest", '{"schemaVersion": 2, "layers": []}'],
    ["a list", "[1, 2]"],
    ["a page", "<!doctype html><title>Not found</title>"],
    ["a text", "left-pad 1.0.0\n"],
    ["nothing", ""],
    ["bytes", "\u0000\u0001\u0002"],
    ["half of one", '{"bomFormat": "CycloneDX", "specVersion": "1.6", "compon'],
    ["one with packages that are none", '{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": 7}'],
    ["values a million deep", "[".repeat(1_000_000)],
  ])("that is %s is refused with what was wrong, never taken for empty", async (name, content) => {
    const path = file(`${name.replaceAll(" ", "-")}.json`);
    writeFileSync(path, content);
    const ran = await sc(["scan", "--sbom", path, "--db", database, "--json"]);
    expect(documentOf(ran)).toMatchObject({ outcome: "error", error: { code: expect.any(String) } });
    expect([3, 4]).toContain(ran.exitCode);
    expect(ran.stderr).toMatch(/SC-[A-Z-]+ {2}\S/);
    expect(ran.stderr.length).toBeLessThan(4_000);
  });

  test("is read from standard input by the name -", async () => {
    const ran = await sc(["scan", "--sbom", "-", "--db", database, "--fail-on", "unknown"], "pkg:npm/left@1.0.0\n");
    expect([ran.exitCode, ran.stdout]).toEqual([3, ""]);
    const found = await sc(["scan", "--sbom", "-", "--db", database, "--json"], "pkg:npm/left@1.0.0\n");
    expect(documentOf(found)).toMatchObject({ findings: [{ id: "CVE-2026-1" }] });
  });
});

// What a zip says of an entry, and what is in it: zeros that are a thousandth of their size.
function bombOf(says: number, holds: number): Buffer {
  const packed = deflateRawSync(Buffer.alloc(holds));
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(8, 4);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(says, 18);
  const name = Buffer.from("X-1.json");
  fields.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), fields, name, packed]);
  const place = Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000"), fields, Buffer.alloc(14), name]);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", 0, "latin1");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(place.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, place, end]);
}

describe("advisories that are a zip bomb (SCAN-2)", () => {
  test.each([
    ["says how large it is", 256 * 2 ** 20, "ADVISORIES_NONE"],
    ["says that it is small", 300, "ZIP_INVALID"],
    ["says that it is empty", 0, "ZIP_INVALID"],
  ])("one that %s is not inflated beyond the bound, and the database before stays", async (_, says, code) => {
    await using folder = await openFolder();
    const output = join(folder.path, "db");
    const records = await writeRecords(folder.path, [record("CVE-2026-1", "npm", "left", "2.0.0")]);
    await buildDatabase([records], { output, now: new Date("2026-11-20T00:00:00Z") });
    const before = await readFile(join(output, "index.json"));
    const zip = join(folder.path, "all.zip");
    await writeFile(zip, bombOf(says, 256 * 2 ** 20));
    const held = process.memoryUsage().arrayBuffers;
    const build = buildDatabase([zip], { output, now: new Date("2026-11-21T00:00:00Z") });
    await expect(build).rejects.toMatchObject({ code });
    expect(process.memoryUsage().arrayBuffers - held).toBeLessThan(64 * 2 ** 20);
    expect(await readFile(join(output, "index.json"))).toEqual(before);
    await using opened = await openDatabase(output);
    const known = inventoryOf([installed({ type: "npm", name: "left", version: "1.0.0" })]);
    expect(matchInventory(known, opened).findings).toHaveLength(1);
  });
});

describe("what cannot be compared", () => {
  test("a version of a million characters is told as not understood, in bounded time, in every ecosystem", async () => {
    const types = [
      "npm",
      "pypi",
      "golang",
      "maven",
      "cargo",
      "gem",
      "nuget",
      "composer",
      "hex",
      "pub",
      "cran",
      "hackage",
    ];
    const ecosystems = [
      "npm",
      "PyPI",
      "Go",
      "Maven",
      "crates.io",
      "RubyGems",
      "NuGet",
      "Packagist",
      "Hex",
      "Pub",
      "CRAN",
    ];
    const names = [...ecosystems, "Hackage"];
    const hostile = ["1.".repeat(500_000), "9".repeat(1_000_000), "~".repeat(1_000_000), "1-a".repeat(333_333)];
    const records = names.map((ecosystem, index) => record(`X-${index}`, ecosystem, "x"));
    const packages = types.flatMap((type) => {
      const found = installed({ type, name: "x", version: "1" });
      return hostile.map((version, index): Package => Object.assign({}, found, { id: `${type}#${index}`, version }));
    });
    const { findings, coverage } = await matchRecords(records, inventoryOf(packages));
    expect(findings).toEqual([]);
    expect(coverage).toMatchObject({ compared: 0, uncompared: packages.length });
    expect(new Set(coverage.gaps.map(({ reason }) => reason))).toEqual(new Set(["version-not-understood"]));
  });

  test("an advisory at a version of a million characters is undecided, not passed over", async () => {
    await using folder = await openFolder();
    const output = join(folder.path, "db");
    const path = await writeRecords(folder.path, [record("CVE-2026-2", "npm", "left", "9".repeat(1_000_000))]);
    const built = await buildDatabase(
      [path, await writeRecords(join(folder.path, "more"), [record("Y", "npm", "b")])],
      {
        output,
        now: new Date(0),
      },
    );
    await using opened = await openDatabase(output);
    const found = installed({ type: "npm", name: "left", version: "1.0.0" });
    const { findings, coverage } = matchInventory(inventoryOf([found]), opened);
    // Either the build refused the record, and says so, or the match does.
    expect(findings).toEqual([]);
    expect(built.problemCount + coverage.undecided).toBe(1);
  });

  test("an ecosystem that nobody knows is a problem of the build, and its packages are told as not compared", async () => {
    await using folder = await openFolder();
    const output = join(folder.path, "db");
    const records = [record("A", "Martian", "left"), record("B", "npm", "left")];
    const built = await buildDatabase([await writeRecords(folder.path, records)], { output, now: new Date(0) });
    expect(built.facts.ecosystems.map(({ ecosystem }) => ecosystem)).toEqual(["npm"]);
    await using opened = await openDatabase(output);
    const packages = [
      installed({ type: "martian", name: "left", version: "1" }),
      installed({ type: "constructor", name: "left", version: "1" }),
      installed({ type: "deb", name: "left", version: "1" }),
    ];
    const { coverage } = matchInventory(inventoryOf(packages, distribution("__proto__", "1")), opened);
    expect(coverage.compared).toBe(0);
    expect(coverage.gaps.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      "constructor unsupported-type",
      "deb unsupported-distribution",
      "martian unsupported-type",
    ]);
  });
});
