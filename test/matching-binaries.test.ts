import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Package } from "@sc/model";
import { matchInventory } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { distribution, installed, inventoryOf, matchRecords, openFolder, openRecords } from "./matching-database.ts";

interface Listing {
  readonly ecosystem?: string;
  readonly name?: string;
  readonly binaries?: unknown;
}

function record(id: string, { ecosystem = "Ubuntu:22.04:LTS", name = "openssl", binaries }: Listing) {
  return {
    id,
    modified: "2026-01-01T00:00:00Z",
    affected: [
      {
        package: { ecosystem, name },
        ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "9.0-1" }] }],
        ...(binaries === undefined ? {} : { ecosystem_specific: { availability: "none needed", binaries } }),
      },
    ],
  };
}

const asUbuntu = (...names: readonly string[]) => names.map((name) => ({ binary_name: name, binary_version: "9.0-1" }));
const asSuse = (...names: readonly string[]) => [Object.fromEntries(names.map((name) => [name, "9.0-1"]))];

const jammy = distribution("ubuntu", "22.04");

function deb(name: string, source = "openssl"): Package {
  return installed({ type: "deb", namespace: "ubuntu", name, version: "3.0-1", source: { name: source } });
}

function rpm(name: string): Package {
  return installed({ type: "rpm", namespace: "sles", name, version: "3.0-1", source: { name: "openssl" } });
}

async function hitBy(records: Parameters<typeof matchRecords>[0], packages: readonly Package[], os = jammy) {
  const { findings } = await matchRecords(records, inventoryOf(packages, os));
  return findings.map((finding) => `${finding.id} ${finding.package.name}`);
}

describe("an advisory that lists binary packages (SCAN-1)", () => {
  test("is about those of them alone, and one that lists none about every package of the source", async () => {
    const records = [record("U-1", { binaries: asUbuntu("libssl3", "openssl") }), record("U-2", {})];
    expect(await hitBy(records, [deb("libssl3"), deb("libssl-doc"), deb("openssl")])).toEqual([
      "U-2 libssl-doc",
      "U-1 libssl3",
      "U-2 libssl3",
      "U-1 openssl",
      "U-2 openssl",
    ]);
  });

  test("is read in the form of SUSE too, by module", async () => {
    const ecosystem = "SUSE:Linux Enterprise Module for Basesystem 15 SP6";
    const records = [record("S-1", { ecosystem, binaries: asSuse("libopenssl3", "openssl") })];
    const os = distribution("sles", "15.6");
    expect(await hitBy(records, [rpm("libopenssl3"), rpm("openssl-doc")], os)).toEqual(["S-1 libopenssl3"]);
  });

  test("is about every package of the source where its list is empty, malformed or too long", async () => {
    const lists = [
      [],
      {},
      "libssl3",
      [null],
      ["libssl3"],
      [{ binary_name: 1 }],
      [{ "": "1" }],
      asUbuntu("x".repeat(2_000)),
    ];
    const many = [Object.fromEntries(Array.from({ length: 20_001 }, (_, index) => [`b${index}`, "1"]))];
    const records = [...lists, many].map((binaries, index) => record(`U-${index}`, { binaries }));
    expect(await hitBy(records, [deb("libssl-doc")])).toHaveLength(lists.length + 1);
  });

  test("is about older kernels, whose packages bear another version in their names", async () => {
    const binaries = asUbuntu("linux-image-5.15.0-91-generic", "linux-modules-5.15.0-91-generic");
    const records = [record("U-1", { name: "linux", binaries })];
    const packages = ["linux-image-5.15.0-80-generic", "linux-image-5.15.0-80-lowlatency"].map((name) =>
      deb(name, "linux"),
    );
    expect(await hitBy(records, packages)).toEqual(["U-1 linux-image-5.15.0-80-generic"]);
  });

  test("is about a source package itself, which no list of binary packages names", async () => {
    const source: Package = { ...deb("openssl"), architecture: "source" };
    const records = [record("U-1", { binaries: asUbuntu("libssl3") })];
    expect(await hitBy(records, [source])).toEqual(["U-1 openssl"]);
    expect(await hitBy(records, [deb("openssl")])).toEqual([]);
  });

  test("leaves an unlisted package out of no other advisory of the same vulnerability", async () => {
    const records = [
      { ...record("U-1", { binaries: asUbuntu("libssl3") }), aliases: ["CVE-2026-1"] },
      { ...record("U-2", {}), aliases: ["CVE-2026-1"] },
    ];
    await using folder = await openFolder();
    await using database = await openRecords(folder.path, records);
    const { findings } = matchInventory(inventoryOf([deb("libssl3"), deb("libssl-doc")], jammy), database);
    expect(
      findings.map((finding) => [finding.package.name, finding.explanations.map(({ advisory }) => advisory)]),
    ).toEqual([
      ["libssl-doc", ["U-2"]],
      ["libssl3", ["U-1", "U-2"]],
    ]);
  });

  test("lists them once in the database however many advisories have the same list", async () => {
    const names = Array.from({ length: 200 }, (_, index) => `linux-flavour-${index}`);
    const sizeOf = async (count: number): Promise<number> => {
      await using folder = await openFolder();
      const records = Array.from({ length: count }, (_, index) =>
        record(`U-${index}`, { binaries: asUbuntu(...names) }),
      );
      await using database = await openRecords(folder.path, records);
      const file = (await readdir(join(folder.path, "db"))).find((name) => name.startsWith("ubuntu-")) ?? "";
      expect(database.facts.ecosystems).toHaveLength(1);
      return (await stat(join(folder.path, "db", file))).size;
    };
    expect((await sizeOf(200)) - (await sizeOf(1))).toBeLessThan(200 * 400);
  });
});
