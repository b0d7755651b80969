import type { Finding } from "@sc/model";
import { expect, test } from "vitest";
import { describeScanners, mergeFindings, resolveScanners } from "./scanners.ts";

function finding(id: string, rest: Partial<Finding> = {}, name = "x"): Finding {
  const purl = `pkg:npm/${name}@1` as const;
  return {
    id,
    aliases: [],
    package: { id: purl, type: "npm", name, version: "1", purl, locations: [] },
    severity: "low",
    ratings: [],
    fixState: "unknown",
    fixedIn: [],
    references: [],
    explanations: [],
    ...rest,
  };
}

function merged(...scans: readonly (readonly Finding[])[]): readonly string[] {
  const findings = mergeFindings(scans.map((one, index) => ({ scanner: "abc"[index] ?? "", findings: one })));
  return findings.map(({ id, package: { name }, foundBy = [] }) => `${name} ${id} ${foundBy.join("")}`);
}

test("a vulnerability in a package is one finding, whoever found it, and says who did (SCAN-7)", () => {
  const [one, two] = [finding("CVE-1"), finding("CVE-2")];
  expect(merged([one, two], [two, one], [two])).toEqual(["x CVE-1 ab", "x CVE-2 abc"]);
  expect(merged([one], [finding("CVE-1", {}, "y")])).toEqual(["x CVE-1 a", "y CVE-1 b"]);
  expect(merged([one], [], [])).toEqual(["x CVE-1 a"]);
});

test("it is told by any of its ids, and keeps all of them (SCAN-7)", () => {
  const ours = finding("CVE-1", { aliases: ["GHSA-1"] });
  const theirs = finding("GHSA-1", { aliases: ["PYSEC-1"] });
  for (const scans of [
    [ours, theirs],
    [theirs, ours],
  ] as const) {
    expect(merged(...scans.map((one) => [one]))).toEqual([`x ${scans[0].id} ab`]);
  }
  const [joined] = mergeFindings([
    { scanner: "a", findings: [ours] },
    { scanner: "b", findings: [theirs] },
  ]);
  expect([joined?.id, joined?.aliases]).toEqual(["CVE-1", ["GHSA-1", "PYSEC-1"]]);
});

test("vulnerabilities that one update mends stay apart, though they share its name (SCAN-7)", () => {
  const both = [finding("CVE-1", { aliases: ["DSA-1"] }), finding("CVE-2", { aliases: ["DSA-1"] })];
  expect(merged(both, both)).toEqual(["x CVE-1 ab", "x CVE-2 ab"]);
  expect(merged(both.slice(0, 1), both.slice(1))).toEqual(["x CVE-1 a", "x CVE-2 b"]);
});

test("what one scanner sets aside and another does not counts (SCAN-7)", () => {
  const suppressed = { by: "matcher", reason: "because" } as const;
  for (const pair of [
    [finding("CVE-1", { suppressed }), finding("CVE-1")],
    [finding("CVE-1"), finding("CVE-1", { suppressed })],
  ]) {
    const [joined] = mergeFindings(pair.map((one, index) => ({ scanner: `${index}`, findings: [one] })));
    expect(joined?.suppressed).toBeUndefined();
  }
});

test("who serves is said of every scanner but our own, each once (SCAN-7)", () => {
  expect(resolveScanners(["all", "grype"]).map(({ name }) => name)).toEqual(["osv", "grype", "trivy"]);
  expect(describeScanners(resolveScanners(["osv"]))).toBeUndefined();
  expect(describeScanners(resolveScanners(["grype"]))).toBe("grype is served by sc's own match (osv)");
  expect(describeScanners(resolveScanners(["all"]))).toContain(
    "grype and trivy are served by sc's own match (osv), so",
  );
});
