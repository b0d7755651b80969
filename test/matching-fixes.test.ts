import { describe, expect, test } from "vitest";
import { distribution, installed, inventoryOf, matchRecords } from "./matching-database.ts";

type Events = readonly Readonly<Record<string, string>>[];

interface EntryFacts {
  readonly ecosystem?: string;
  readonly ranges: readonly Events[];
  readonly versions?: readonly string[];
  readonly binaries?: readonly Readonly<Record<string, string>>[];
}

function advisory(
  id: string,
  entries: readonly EntryFacts[],
): { readonly id: string; readonly [member: string]: unknown } {
  return {
    id,
    modified: "2026-01-01T00:00:00Z",
    aliases: ["CVE-2026-1"],
    affected: entries.map(({ ecosystem = "npm", ranges, versions, binaries }) => ({
      package: { ecosystem, name: "left" },
      ranges: ranges.map((events) => ({ type: ecosystem === "npm" ? "SEMVER" : "ECOSYSTEM", events })),
      ...(versions === undefined ? {} : { versions }),
      ...(binaries === undefined ? {} : { ecosystem_specific: { binaries } }),
    })),
  };
}

const span = (introduced: string, fixed: string): Events => [{ introduced }, { fixed }];
const left = inventoryOf([installed({ type: "npm", name: "left", version: "1.0.0" })]);

async function fixesOf(...records: Parameters<typeof matchRecords>[0]): Promise<readonly (readonly string[])[]> {
  return (await matchRecords(records, left)).findings.map(({ fixedIn }) => fixedIn);
}

describe("the versions that are named as mending (SCAN-4)", () => {
  test("end the span that holds the version, and not those of other branches", async () => {
    const branches = advisory("GHSA-a", [{ ranges: [span("0", "1.5.0"), span("2.0.0", "2.3.0")] }]);
    expect(await fixesOf(branches)).toEqual([["1.5.0"]]);
  });

  test("are none that the same advisory calls affected in another range, entry or list", async () => {
    expect(await fixesOf(advisory("GHSA-a", [{ ranges: [span("0", "1.5.0"), span("1.5.0", "2.0.0")] }]))).toEqual([
      ["2.0.0"],
    ]);
    const entries = [{ ranges: [span("0", "1.5.0")] }, { ranges: [span("1.2.0", "1.6.0")] }];
    expect(await fixesOf(advisory("GHSA-a", entries))).toEqual([["1.6.0"]]);
    const both = [{ ranges: [span("0", "1.5.0")] }, { ranges: [span("0", "1.6.0")], versions: ["1.5.0"] }];
    expect(await fixesOf(advisory("GHSA-a", both))).toEqual([["1.6.0"]]);
  });

  test("are none that another advisory of the vulnerability calls affected", async () => {
    const records = [
      advisory("GHSA-a", [{ ranges: [span("0", "1.2.0")] }]),
      advisory("X-b", [{ ranges: [span("0", "1.3.0")] }]),
    ];
    expect(await fixesOf(...records)).toEqual([["1.3.0"]]);
    expect(await fixesOf(...records.toReversed())).toEqual([["1.3.0"]]);
  });

  test("stay as they are named where advisories contradict each other, or one itself", async () => {
    const records = [
      advisory("GHSA-a", [{ ranges: [span("0", "1.2.0"), span("1.2.0", "1.4.0")] }]),
      advisory("X-b", [{ ranges: [[{ introduced: "0" }]] }]),
    ];
    expect(await fixesOf(...records)).toEqual([["1.4.0"]]);
    const listed = advisory("GHSA-a", [{ ranges: [span("0", "1.2.0")], versions: ["1.2.0"] }]);
    expect(await fixesOf(listed)).toEqual([["1.2.0"]]);
  });

  test("are those of the binary package, where another of the same source is mended later", async () => {
    const ecosystem = "Ubuntu:24.04:LTS";
    const record = advisory("X-a", [
      { ecosystem, ranges: [span("0", "1.2")], binaries: [{ binary_name: "libleft" }] },
      { ecosystem, ranges: [span("0", "1.3")], binaries: [{ binary_name: "left-doc" }] },
    ]);
    const source = { name: "left", version: "1.0" };
    const packages = ["libleft", "left-doc"].map((name) => installed({ type: "deb", name, version: "1.0", source }));
    const { findings } = await matchRecords([record], inventoryOf(packages, distribution("ubuntu", "24.04")));
    expect(findings.map(({ package: { name }, fixedIn }) => [name, fixedIn])).toEqual([
      ["left-doc", ["1.3"]],
      ["libleft", ["1.2"]],
    ]);
  });
});
