import { join } from "node:path";
import { buildDatabase, matchInventory, openDatabase, type ScanResult } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { builtAt, distribution, installed, inventoryOf, matchRecords, openFolder } from "./matching-database.ts";

const samples = join(import.meta.dirname, "../vectors/advisories");

interface Affected {
  readonly ecosystem: string;
  readonly name: string;
  readonly fixed?: string;
  readonly [member: string]: unknown;
}

function record(id: string, affected: readonly Affected[], rest: Readonly<Record<string, unknown>> = {}) {
  return {
    id,
    modified: "2026-01-01T00:00:00Z",
    affected: affected.map(({ ecosystem, name, fixed, ...more }) => ({
      package: { ecosystem, name },
      ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, ...(fixed === undefined ? [] : [{ fixed }])] }],
      ...more,
    })),
    ...rest,
  };
}

function idsOf({ findings }: ScanResult): readonly string[] {
  return findings.map(({ package: { name, version }, id }) => `${name} ${version} ${id}`);
}

describe("the sample advisories", () => {
  test("find what they tell of, with fix, severity and reason (SCAN-4)", async () => {
    await using folder = await openFolder();
    const output = join(folder.path, "db");
    const { facts, problemCount } = await buildDatabase([samples], { output, now: builtAt });
    expect(problemCount).toBe(0);
    expect(facts.ecosystems.map(({ ecosystem }) => ecosystem)).toEqual(["Alpine", "Debian", "PyPI", "npm"]);
    await using database = await openDatabase(output);
    const { findings, coverage } = matchInventory(
      inventoryOf(
        [
          installed({ type: "npm", name: "lodash", version: "4.17.15" }),
          installed({ type: "npm", name: "minimist", version: "1.2.5" }),
          installed({ type: "pypi", name: "Requests", version: "2.30.0" }),
          installed({
            type: "deb",
            name: "libexpat1",
            version: "2.5.0-1+b1",
            source: { name: "expat", version: "2.5.0-1" },
          }),
          installed({ type: "deb", name: "tar", version: "1.34+dfsg-1.2" }),
          installed({ type: "golang", namespace: "golang.org/x", name: "net", version: "0.1.0" }),
        ],
        distribution("debian", "12"),
      ),
      database,
    );
    expect(findings.map((finding) => [finding.id, finding.severity, finding.fixState, finding.fixedIn.join()])).toEqual(
      [
        ["CVE-2024-45490", "unknown", "fixed", "2.5.0-1+deb12u1"],
        ["CVE-2024-45491", "unknown", "fixed", "2.5.0-1+deb12u1"],
        ["CVE-2024-45492", "unknown", "fixed", "2.5.0-1+deb12u1"],
        ["CVE-2005-2541", "none", "not-fixed", ""],
        ["CVE-2020-28500", "medium", "fixed", "4.17.21"],
        ["CVE-2021-23337", "high", "fixed", "4.17.21"],
        ["CVE-2021-44906", "critical", "fixed", "1.2.6"],
        ["CVE-2023-32681", "medium", "fixed", "2.31.0"],
        ["CVE-2024-35195", "medium", "fixed", "2.32.0"],
      ],
    );
    const requests = findings.find(({ id }) => id === "CVE-2023-32681");
    expect(requests?.aliases).toEqual(["GHSA-j8r2-6x86-q33q", "PYSEC-2023-74"]);
    expect(requests?.explanations).toEqual(
      ["GHSA-j8r2-6x86-q33q", "PYSEC-2023-74"].map((advisory) => ({
        advisory,
        ecosystem: "PyPI",
        comparedName: "Requests",
        comparedVersion: "2.30.0",
        scheme: "pep440",
        range: ">= 2.3.0, < 2.31.0",
      })),
    );
    expect(findings[0]?.explanations[0]).toMatchObject({ comparedName: "expat", comparedVersion: "2.5.0-1" });
    expect(coverage).toMatchObject({ compared: 5, uncompared: 1, undecided: 0 });
    expect(coverage.gaps).toEqual([
      {
        reason: "no-advisories",
        type: "golang",
        ecosystem: "Go",
        packages: 1,
        examples: ["pkg:golang/golang.org/x/net@0.1.0"],
      },
    ]);
  });
});

describe("which advisories are a package's (SCAN-1)", () => {
  const releases = [
    record("D-11", [{ ecosystem: "Debian:11", name: "zlib", fixed: "9" }]),
    record("D-12", [{ ecosystem: "Debian:12", name: "zlib", fixed: "9" }]),
    record("D-any", [{ ecosystem: "Debian", name: "zlib", fixed: "9" }]),
    record("A-9", [{ ecosystem: "Alpine:v3.9", name: "zlib", fixed: "9" }]),
    record("A-20", [{ ecosystem: "Alpine:v3.20", name: "zlib", fixed: "9" }]),
  ];
  const debian = installed({ type: "deb", namespace: "debian", name: "zlib", version: "1.2" });
  const alpine = installed({ type: "apk", namespace: "alpine", name: "zlib", version: "1.2.3-r4" });

  test.each([
    [debian, distribution("debian", "12"), ["D-12", "D-any"]],
    [debian, distribution("debian", "11.9"), ["D-11", "D-any"]],
    [debian, distribution("debian", undefined, "bookworm"), ["D-12", "D-any"]],
    [debian, distribution("debian", undefined, "sid"), ["D-12", "D-any"]],
    [alpine, distribution("alpine", "3.20.3"), ["A-20"]],
    [alpine, distribution("alpine", "3.9"), ["A-9"]],
    [alpine, distribution("alpine", "3.21.0_alpha20240807"), ["A-20"]],
  ])("of the distribution's release: %#", async (found, os, expected) => {
    const { findings } = await matchRecords(releases, inventoryOf([found], os));
    expect(findings.map(({ id }) => id)).toEqual(expected);
  });

  test.each([
    ["debian-12", ["D-12", "D-any"]],
    ["bookworm", ["D-12", "D-any"]],
    ["11", ["D-11", "D-any"]],
  ])("by the purl's own qualifier where the document names no distribution: %s", async (distro, expected) => {
    const found = installed({ type: "deb", namespace: "debian", name: "zlib", version: "1.2", qualifiers: { distro } });
    expect((await matchRecords(releases, inventoryOf([found]))).findings.map(({ id }) => id)).toEqual(expected);
  });

  test.each([
    [debian, undefined, "unknown-distribution"],
    [debian, distribution("raspbian", "12"), "unsupported-distribution"],
    [debian, distribution("alpine", "3.20"), "unsupported-distribution"],
    [debian, distribution("debian", "13"), "no-release-advisories"],
    [installed({ type: "pypi", name: "x", version: "1" }), undefined, "no-advisories"],
    [installed({ type: "generic", name: "x", version: "1" }), undefined, "unsupported-type"],
    [{ ...debian, origin: "third-party" as const }, distribution("debian", "12"), "third-party"],
    [{ ...debian, version: "not a version" }, distribution("debian", "12"), "version-not-understood"],
    [{ ...debian, version: "1".repeat(1_000_000) }, distribution("debian", "12"), "version-not-understood"],
  ])("and where there are none the reason is told, not silence: %#", async (found, os, reason) => {
    const { findings, coverage } = await matchRecords(releases, inventoryOf([found], os));
    expect(findings).toEqual([]);
    expect([coverage.compared, coverage.uncompared]).toEqual([0, 1]);
    expect(coverage.gaps[0]).toMatchObject({ reason, packages: 1 });
  });

  test("a release that another stands in for is told", async () => {
    const { coverage } = await matchRecords(releases, inventoryOf([debian], distribution("debian", undefined, "sid")));
    expect(coverage.ecosystems).toEqual([
      {
        ecosystem: "Debian:12",
        packages: 1,
        advisories: 3,
        tells: "unfixed-too",
        newest: "2026-01-01T00:00:00Z",
        standsInFor: "sid",
      },
    ]);
  });

  test("a source package's advisory is for its binaries, at the source's version, and for no namesake", async () => {
    const records = [record("X", [{ ecosystem: "Debian:12", name: "openssl", fixed: "3.0.14" }])];
    const packages = [
      installed({ type: "deb", name: "libssl3", version: "9:1", source: { name: "openssl", version: "3.0.13" } }),
      installed({ type: "deb", name: "openssl", version: "3.0.13" }),
      installed({ type: "deb", name: "openssl-tool", version: "3.0.13", source: { name: "other" } }),
      installed({ type: "deb", name: "libssl4", version: "1", source: { name: "openssl", version: "3.0.14" } }),
    ];
    const result = await matchRecords(records, inventoryOf(packages, distribution("debian", "12")));
    expect(idsOf(result)).toEqual(["libssl3 9:1 X", "openssl 3.0.13 X"]);
  });

  test("names are compared as the ecosystem does", async () => {
    const records = [
      record("P", [{ ecosystem: "PyPI", name: "zope.interface", fixed: "2" }]),
      record("N", [{ ecosystem: "npm", name: "JSONStream", fixed: "2.0.0" }]),
    ];
    const names = ["zope-interface", "Zope_Interface", "zopeinterface"];
    const packages = [
      ...names.map((name) => installed({ type: "pypi", name, version: "1" })),
      installed({ type: "npm", name: "JSONStream", version: "1.0.0" }),
      installed({ type: "npm", name: "jsonstream", version: "1.0.0" }),
      installed({ type: "npm", name: "constructor", version: "1.0.0" }),
      installed({ type: "npm", name: "__proto__", version: "1.0.0" }),
    ];
    expect(idsOf(await matchRecords(records, inventoryOf(packages)))).toEqual([
      "JSONStream 1.0.0 N",
      "Zope_Interface 1 P",
      "zope-interface 1 P",
    ]);
  });
});

describe("what an advisory says (SCAN-1)", () => {
  const found = inventoryOf([installed({ type: "npm", name: "left", version: "1.0.0" })]);
  const affected: Affected = { ecosystem: "npm", name: "left", fixed: "2.0.0" };

  test("a withdrawn record matches nothing, also when an earlier form of it did", async () => {
    const earlier = record("X-1", [affected]);
    const other = record("X-2", [affected]);
    const withdrawn = { ...other, id: "X-3", withdrawn: "2026-01-02T00:00:00Z" };
    expect(idsOf(await matchRecords([earlier, withdrawn], found))).toEqual(["left 1.0.0 X-1"]);
  });

  test("a record of commits alone matches no version", async () => {
    const git = {
      ...record("X-1", []),
      affected: [{ ranges: [{ type: "GIT", repo: "https://x", events: [{ introduced: "0" }] }] }],
    };
    const gitOfPackage = record("X-2", [
      { ...affected, ranges: [{ type: "GIT", repo: "https://x", events: [{ introduced: "0" }] }] },
    ]);
    const result = await matchRecords([git, gitOfPackage, record("X-3", [affected])], found);
    expect(idsOf(result)).toEqual(["left 1.0.0 X-3"]);
  });

  test("one record may name one package in several entries, and several packages", async () => {
    const records = [
      record("X", [
        { ecosystem: "npm", name: "left", fixed: "0.5.0" },
        { ecosystem: "npm", name: "left", ranges: [], versions: ["1.0.0"] },
        { ecosystem: "npm", name: "right", fixed: "2.0.0" },
      ]),
    ];
    const both = inventoryOf([...found.packages, installed({ type: "npm", name: "right", version: "1.0.0" })]);
    const { findings } = await matchRecords(records, both);
    expect(
      findings.map(({ package: { name }, fixState, explanations }) => [name, fixState, explanations[0]?.range]),
    ).toEqual([
      ["left", "unknown", "= 1.0.0"],
      ["right", "fixed", "< 2.0.0"],
    ]);
  });

  test("an unknown severity stays unknown, and what a record says of the package counts over the rest (SCAN-4)", async () => {
    const high = [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H" }];
    const low = [{ type: "CVSS_V3", score: "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N" }];
    const records = [
      record("X-1", [affected]),
      record("X-2", [affected], { severity: high }),
      record("X-3", [{ ...affected, severity: low }], { severity: high }),
      record("X-4", [affected], { database_specific: { severity: "MODERATE" } }),
    ];
    const { findings } = await matchRecords(records, found);
    expect(findings.map(({ severity }) => severity)).toEqual(["unknown", "high", "low", "medium"]);
  });

  test("an end of life is a fix state, and an open span is not fixed (SCAN-4)", async () => {
    const debian = { ecosystem: "Debian:12", name: "left" };
    const records = [
      record("X-1", [{ ...debian, ecosystem_specific: { urgency: "end-of-life" } }]),
      record("X-2", [debian]),
      record("X-3", [
        { ...debian, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { last_affected: "3" }] }] },
      ]),
    ];
    const found12 = inventoryOf([installed({ type: "deb", name: "left", version: "1" })], distribution("debian", "12"));
    const { findings } = await matchRecords(records, found12);
    expect(findings.map(({ fixState }) => fixState)).toEqual(["end-of-life", "not-fixed", "unknown"]);
  });

  test("a range that cannot be evaluated is counted, not passed over", async () => {
    const { coverage, findings } = await matchRecords([record("X", [{ ...affected, fixed: "abcdef1234" }])], found);
    expect([findings.length, coverage.undecided]).toEqual([0, 1]);
  });

  test("markup in a description is text like any other", async () => {
    const details = "<img src=x onerror=alert(1)>\u001b[2J";
    const { findings } = await matchRecords([record("X", [affected], { summary: details, details })], found);
    expect([findings[0]?.summary, findings[0]?.details]).toEqual([details, details]);
  });
});

describe("what is special to an ecosystem (SCAN-1)", () => {
  test("updates that give their CVEs as related are findings of those CVEs", async () => {
    const records = [
      record("ALSA-1", [{ ecosystem: "AlmaLinux:9", name: "x", fixed: "2-1.el9" }], {
        related: ["CVE-2024-1", "CVE-2024-2"],
      }),
    ];
    const packages = [installed({ type: "rpm", name: "x", version: "0:1-1.el9" })];
    const result = await matchRecords(records, inventoryOf(packages, distribution("almalinux", "9.4")));
    expect(idsOf(result)).toEqual(["x 0:1-1.el9 CVE-2024-1", "x 0:1-1.el9 CVE-2024-2"]);
  });

  test("an update of a module is for packages of the stream that its summary names, and no others", async () => {
    const affected = [{ ecosystem: "AlmaLinux:8", name: "npm", fixed: "9-1.module_el8+2" }];
    const records = [record("X", affected, { summary: "Important: nodejs:18 security update" })];
    const versions = ["8-1.module_el8+1", "8-1.el8"];
    const packages = versions.map((version) => installed({ type: "rpm", name: "npm", version }));
    const streams = ["18", "16"].map((stream) =>
      installed({
        type: "rpm",
        name: "npm",
        version: `7-${stream}.module_el8+1`,
        qualifiers: { rpmmod: `nodejs:${stream}:8090:abc` },
      }),
    );
    const os = distribution("almalinux", "8.9");
    const result = await matchRecords(records, inventoryOf([...packages, ...streams], os));
    expect(idsOf(result)).toEqual(["npm 7-18.module_el8+1 X", "npm 8-1.module_el8+1 X"]);
  });

  test("a malicious package is a finding of its own kind, and critical without a score", async () => {
    const records = [record("MAL-2024-1", [{ ecosystem: "npm", name: "evil" }])];
    const { findings } = await matchRecords(
      records,
      inventoryOf([installed({ type: "npm", name: "evil", version: "file:../x" })]),
    );
    expect(findings.map(({ id, malicious, severity }) => [id, malicious, severity])).toEqual([
      ["MAL-2024-1", true, "critical"],
    ]);
  });

  test.each([
    ["npm", "npm", "file:../x"],
    ["npm", "npm", "workspace:*"],
    ["golang", "Go", "(devel)"],
    ["maven", "Maven", "${project.version}"],
    ["maven", "Maven", "unknown"],
    ["pypi", "PyPI", "git+https://example.org/x"],
    ["composer", "Packagist", "https://example.org/x.zip"],
  ])("what is no version of %s is counted as not compared: %s %s", async (type, ecosystem, version) => {
    const packages = [{ ...installed({ type, name: "x", version: "1" }), version }];
    const { findings, coverage } = await matchRecords(
      [record("X", [{ ecosystem, name: "x", fixed: "9.0.0" }])],
      inventoryOf(packages),
    );
    expect(findings).toEqual([]);
    expect(coverage.gaps).toMatchObject([{ reason: "version-not-understood", packages: 1 }]);
  });

  test("advisories of Go's own library and of modules are compared in Go's order", async () => {
    const records = [
      record("GO-1", [{ ecosystem: "Go", name: "stdlib", fixed: "1.21.8" }]),
      record("GO-2", [{ ecosystem: "Go", name: "example.org/x", fixed: "2.0.0" }]),
    ];
    const names: readonly (readonly [string, string])[] = [
      ["stdlib", "go1.21.7"],
      ["stdlib", "1.21.8"],
      ["stdlib", "go1.21rc2"],
      ["example.org/x", "v1.9.9+incompatible"],
      ["example.org/x", "v2.0.0+incompatible"],
      ["example.org/x", "v2.0.0-20240101000000-abcdefabcdef"],
    ];
    const packages = names.map(([name, version]) => installed({ type: "golang", name, version }));
    const { findings } = await matchRecords(records, inventoryOf(packages));
    expect(new Set(findings.map(({ package: { version } }) => version))).toEqual(
      new Set(["go1.21.7", "go1.21rc2", "v1.9.9+incompatible", "v2.0.0-20240101000000-abcdefabcdef"]),
    );
  });

  test("a purl's qualifier names the distribution also where the vendor's name differs", async () => {
    const records = [record("X", [{ ecosystem: "Red Hat:enterprise_linux:9::baseos", name: "x", fixed: "2-1.el9" }])];
    const packages = [
      installed({
        type: "rpm",
        namespace: "redhat",
        name: "x",
        version: "1-1.el9",
        qualifiers: { distro: "rhel-9.4" },
      }),
    ];
    expect((await matchRecords(records, inventoryOf(packages))).findings.map(({ id }) => id)).toEqual(["X"]);
  });
});

describe("the order of things (SCAN-3)", () => {
  test("findings do not depend on the order of packages, and the same arguments give the same value", async () => {
    await using folder = await openFolder();
    const output = join(folder.path, "db");
    await buildDatabase([samples], { output, now: builtAt });
    await using database = await openDatabase(output);
    const packages = ["lodash", "minimist", "semver", "undici"].map((name) =>
      installed({ type: "npm", name, version: "1.2.2" }),
    );
    const first = matchInventory(inventoryOf(packages), database);
    expect(matchInventory(inventoryOf(packages.toReversed()), database).findings).toEqual(first.findings);
    expect(matchInventory(structuredClone(inventoryOf(packages)), database)).toEqual(first);
    expect(first.findings.length).toBeGreaterThan(3);
    const bare = matchInventory(inventoryOf(packages), database, { descriptions: false });
    expect(bare.findings.map(({ id }) => id)).toEqual(first.findings.map(({ id }) => id));
    expect(bare.findings.every(({ summary, references }) => summary === undefined && references.length === 0)).toBe(
      true,
    );
  });
});
