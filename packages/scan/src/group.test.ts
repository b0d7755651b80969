import { expect, test } from "vitest";
import { groupAdvisories, type NamedAdvisory } from "./group.ts";

function advisory(id: string, aliases: readonly string[] = [], upstream: readonly string[] = []): NamedAdvisory {
  return { id, aliases, upstream };
}

function group(advisories: readonly NamedAdvisory[], collective = false) {
  return groupAdvisories(advisories, { collective }).map((found) => [
    found.id,
    found.aliases.join(" "),
    found.advisories.map(({ id }) => id).join(" "),
  ]);
}

test("advisories that share a name through any chain are one vulnerability, called by its CVE (SCAN-1)", () => {
  const advisories = [
    advisory("PYSEC-2024-1", ["GHSA-a"]),
    advisory("GHSA-b", ["CVE-2024-9"]),
    advisory("GHSA-a", ["CVE-2024-10"]),
    advisory("BIT-x", [], ["CVE-2024-10"]),
  ];
  expect(group(advisories)).toEqual([
    ["CVE-2024-10", "BIT-x GHSA-a PYSEC-2024-1", "PYSEC-2024-1 GHSA-a BIT-x"],
    ["CVE-2024-9", "GHSA-b", "GHSA-b"],
  ]);
});

test("without a CVE it is called by GitHub's name, else by its own (SCAN-1)", () => {
  expect(group([advisory("PYSEC-1", ["GHSA-a"])])).toEqual([["GHSA-a", "PYSEC-1", "PYSEC-1"]]);
  expect(group([advisory("MAL-1", ["SNYK-1"])])).toEqual([["MAL-1", "SNYK-1", "MAL-1"]]);
});

test("of several CVEs that are one vulnerability the first gives the name (SCAN-1)", () => {
  expect(group([advisory("GHSA-a", ["CVE-2024-10", "CVE-2024-9"])])).toEqual([
    ["CVE-2024-9", "CVE-2024-10 GHSA-a", "GHSA-a"],
  ]);
});

test("a distribution's collective advisory is a finding for each CVE, joined with the CVE's own record (SCAN-1)", () => {
  const advisories = [
    advisory("DSA-1", [], ["CVE-2024-1", "CVE-2024-2", "DEBIAN-CVE-2024-2"]),
    advisory("DEBIAN-CVE-2024-2", [], ["CVE-2024-2"]),
    advisory("DSA-2", [], ["CVE-2024-2"]),
  ];
  expect(group(advisories, true)).toEqual([
    ["CVE-2024-1", "DSA-1", "DSA-1"],
    ["CVE-2024-2", "DEBIAN-CVE-2024-2 DSA-1 DSA-2", "DSA-1 DEBIAN-CVE-2024-2 DSA-2"],
  ]);
});

test("old collective advisories list their CVEs as aliases (SCAN-1)", () => {
  const [first, second] = group([advisory("DSA-1", ["CVE-2014-1", "CVE-2014-2"])], true);
  expect([first, second]).toEqual([
    ["CVE-2014-1", "DSA-1", "DSA-1"],
    ["CVE-2014-2", "DSA-1", "DSA-1"],
  ]);
});

test("fifty thousand advisories of one vulnerability are joined in one pass", () => {
  const advisories = Array.from({ length: 50_000 }, (_, index) => advisory(`X-${index}`, ["CVE-2024-1"]));
  expect(groupAdvisories(advisories, { collective: false })).toHaveLength(1);
});
