import type { Inventory, Package } from "@sc/model";
import { falseMatches } from "@sc/scan";
import { describe, expect, test } from "vitest";
import {
  distribution,
  installed,
  inventoryOf,
  matchRecords,
  openFolder,
  openRecords,
  type PackageFacts,
} from "./matching-database.ts";
import { matchInventory } from "@sc/scan";

function record(id: string, { ecosystem, name, fixed = "9" }: { ecosystem: string; name: string; fixed?: string }) {
  const aliases = id.startsWith("GHSA-") ? [id.replace("GHSA", "CVE-2026")] : [];
  return {
    id,
    aliases,
    modified: "2026-01-01T00:00:00Z",
    affected: [
      { package: { ecosystem, name }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed }] }] },
    ],
  };
}

type Facts = PackageFacts & { readonly path?: string };

function at({ path = "var/lib/dpkg/status", ...facts }: Facts): Package {
  return { ...installed(facts), locations: [{ path }] };
}

const deb = (origin?: Package["origin"]): Package =>
  installed({ type: "deb", name: "python3-requests", version: "2.28-1", source: { name: "requests" }, origin });

describe("the kernel's headers (SCAN-4)", () => {
  const bookworm = distribution("debian", "12");
  const kernel = { name: "linux", version: "6.1.1" };

  test.each([
    ["deb", "linux-libc-dev", kernel],
    ["deb", "linux-headers-6.1.0-1-amd64", kernel],
    ["deb", "linux-aws-headers-6.8.0-1", { name: "linux-aws", version: "6.8.1" }],
  ])("%s %s is set aside with the reason, and not hidden", async (type, name, source) => {
    const found = installed({ type, name, version: "6.1.1", source });
    const records = [record("CVE-2026-1", { ecosystem: "Debian:12", name: source.name })];
    const { findings } = await matchRecords(records, inventoryOf([found], bookworm));
    expect(findings.map(({ id, suppressed }) => [id, suppressed?.by, suppressed?.source])).toEqual([
      ["CVE-2026-1", "matcher", "kernel-headers"],
    ]);
    expect(findings[0]?.suppressed?.reason).toContain("no code of it");
  });

  test.each([
    ["the kernel itself", "linux-image-6.1.0-1-amd64", kernel],
    ["a program of the same source", "linux-perf", kernel],
    ["a package that only sounds like it", "linux-libc-dev", { name: "openssl", version: "6.1.1" }],
    ["headers of something else", "libssl-headers", { name: "openssl", version: "6.1.1" }],
  ])("%s counts", async (_, name, source) => {
    const found = installed({ type: "deb", name, version: "6.1.1", source });
    const records = [record("CVE-2026-1", { ecosystem: "Debian:12", name: source.name })];
    const { findings } = await matchRecords(records, inventoryOf([found], bookworm));
    expect(findings.map(({ suppressed }) => suppressed)).toEqual([undefined]);
  });

  test("of an rpm are set aside also where the advisory names the package itself", async () => {
    const found = installed({
      type: "rpm",
      name: "kernel-headers",
      version: "0:5.14-1.el9",
      source: { name: "kernel" },
    });
    const records = [record("X", { ecosystem: "AlmaLinux:9", name: "kernel-headers" })];
    const { findings } = await matchRecords(records, inventoryOf([found], distribution("almalinux", "9.4")));
    expect(findings.map(({ suppressed }) => suppressed?.source)).toEqual(["kernel-headers"]);
  });
});

describe("a language's package that the distribution owns (SCAN-4)", () => {
  const python = at({
    type: "pypi",
    name: "requests",
    version: "2.28",
    path: "usr/lib/python3/dist-packages/r/METADATA",
  });
  const records = [record("GHSA-1", { ecosystem: "PyPI", name: "requests" })];

  function owned(owner: Package, os: Inventory["distribution"]) {
    const relationships = [{ from: python.id, to: owner.id, type: "owned-by" as const }];
    return { ...inventoryOf([python, owner], os), relationships };
  }

  const rpm = installed({ type: "rpm", name: "python3-requests", version: "0:2.28-1.el9", origin: "distribution" });
  const debian = distribution("debian", "12");
  const rocky = distribution("almalinux", "9.4");
  const otherDebian = record("CVE-2026-9", { ecosystem: "Debian:12", name: "other" });
  const otherAlma = record("CVE-2026-9", { ecosystem: "AlmaLinux:9", name: "other" });

  async function reasons(
    more: readonly ReturnType<typeof record>[],
    inventory: Parameters<typeof matchInventory>[0],
  ): Promise<readonly (readonly [string, string | undefined])[]> {
    const { findings } = await matchRecords([...records, ...more], inventory);
    return findings.map(({ package: { type }, suppressed }) => [type, suppressed?.source]);
  }

  test("is left to a distribution that tells also of what it has not mended", async () => {
    expect(await reasons([otherDebian], owned(deb("distribution"), debian))).toEqual([["pypi", "distribution-owned"]]);
  });

  test("counts once, for the distribution's package, where that is affected", async () => {
    const own = record("CVE-2026-1", { ecosystem: "Debian:12", name: "requests" });
    expect(await reasons([own], owned(deb("distribution"), debian))).toEqual([
      ["deb", undefined],
      ["pypi", "distribution-owned"],
    ]);
  });

  test("counts where the distribution tells only of what it mended, and does not name the vulnerability", async () => {
    expect(await reasons([otherAlma], owned(rpm, rocky))).toEqual([["pypi", undefined]]);
  });

  test("does not count where such a distribution mended it in this version of its package", async () => {
    const mended = record("CVE-2026-1", { ecosystem: "AlmaLinux:9", name: "python3-requests", fixed: "0:2.28-1.el9" });
    expect(await reasons([mended], owned(rpm, rocky))).toEqual([["pypi", "distribution-owned"]]);
  });

  test.each([
    ["somebody else's package owns it", [otherDebian], owned(deb("third-party"), debian)],
    ["nobody says whose package owns it", [otherDebian], owned(deb(), debian)],
    ["there are no advisories of the distribution", [], owned(deb("distribution"), debian)],
    ["there are none of its release", [otherDebian], owned(deb("distribution"), distribution("debian", "13"))],
    ["no package owns it", [otherDebian], inventoryOf([python, deb("distribution")], debian)],
  ])("counts where %s", async (_, more, inventory) => {
    expect(await reasons(more, inventory)).toEqual([["pypi", undefined]]);
  });

  test("counts where the vulnerability has no CVE, which is all that distributions name", async () => {
    const unnamed = { ...record("GHSA-1", { ecosystem: "PyPI", name: "requests" }), aliases: [] };
    const { findings } = await matchRecords([unnamed, otherDebian], owned(deb("distribution"), debian));
    expect(findings.map(({ suppressed }) => suppressed)).toEqual([undefined]);
  });

  test("counts always when it was made to do harm", async () => {
    const malicious = record("MAL-2026-1", { ecosystem: "PyPI", name: "requests" });
    const { findings } = await matchRecords([malicious, otherDebian], owned(deb("distribution"), debian));
    expect(findings.map(({ malicious: isBad, suppressed }) => [isBad, suppressed])).toEqual([[true, undefined]]);
  });
});

describe("modules that npm brings for itself (SCAN-4)", () => {
  const npm = "usr/local/lib/node_modules/npm";
  const records = [record("GHSA-1", { ecosystem: "npm", name: "tar" })];
  const tool = at({ type: "npm", name: "npm", version: "10.8.2", path: `${npm}/package.json` });
  const tar = (path: string): Package => at({ type: "npm", name: "tar", version: "6.0.0", path });

  test.each([
    ["inside npm", [tool, tar(`${npm}/node_modules/tar/package.json`)], "bundled-by-npm"],
    ["of the application", [tool, tar("app/node_modules/tar/package.json")], undefined],
    ["in a folder that only looks like npm", [tar(`${npm}/node_modules/tar/package.json`)], undefined],
    [
      "in another npm than the one that is there",
      [tool, tar("x/node_modules/npm/node_modules/tar/package.json")],
      undefined,
    ],
  ])("%s", async (_, packages, source) => {
    const { findings } = await matchRecords(records, inventoryOf(packages));
    expect(findings.map(({ suppressed }) => suppressed?.source)).toEqual([source]);
  });
});

describe("what a vendor rebuilt (SCAN-4)", () => {
  test("is set aside, and told as not compared: the vendor's advisories are not there", async () => {
    const versions = ["1.2-3.root.io.1", "1.2-3+seal1", "1.2-3.tuxcare.els4", "1.2-3+deb12u1"];
    const packages = versions.map((version) => installed({ type: "deb", name: "curl", version }));
    const records = [record("CVE-2026-1", { ecosystem: "Debian:12", name: "curl" })];
    const { findings, coverage } = await matchRecords(records, inventoryOf(packages, distribution("debian", "12")));
    const suppressed = new Map(findings.map((finding) => [finding.package.version, finding.suppressed?.source]));
    expect(versions.map((version) => suppressed.get(version))).toEqual([
      "vendor-rebuild",
      "vendor-rebuild",
      "vendor-rebuild",
      undefined,
    ]);
    expect([coverage.compared, coverage.uncompared]).toEqual([1, 3]);
    expect(coverage.gaps).toMatchObject([{ reason: "vendor-rebuild", packages: 3 }]);
  });
});

test("everything that is set aside counts when that is asked for (SCAN-5)", async () => {
  await using folder = await openFolder();
  const records = [
    record("CVE-2026-1", { ecosystem: "Debian:12", name: "linux" }),
    record("CVE-2026-2", { ecosystem: "Debian:12", name: "curl" }),
  ];
  await using database = await openRecords(folder.path, records);
  const packages = [
    installed({ type: "deb", name: "linux-libc-dev", version: "6.1", source: { name: "linux" } }),
    installed({ type: "deb", name: "curl", version: "1+seal1" }),
  ];
  const inventory = inventoryOf(packages, distribution("debian", "12"));
  const count = (setAside: boolean): number =>
    matchInventory(inventory, database, { setAside }).findings.filter(({ suppressed }) => suppressed === undefined)
      .length;
  expect([count(true), count(false)]).toEqual([0, 2]);
});

test("every kind is named once", () => {
  expect(new Set(falseMatches.map(({ id }) => id)).size).toBe(falseMatches.length);
});
