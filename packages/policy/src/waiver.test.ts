import type { Finding } from "@sc/model";
import { expect, test } from "vitest";
import { applyWaivers, type Waiver } from "./waiver.ts";

const finding: Finding = {
  id: "CVE-2024-1",
  aliases: ["GHSA-a"],
  package: {
    id: "pkg:npm/x@1#2",
    type: "npm",
    name: "x",
    version: "1",
    purl: "pkg:npm/x@1",
    locations: [{ path: "x" }],
  },
  severity: "high",
  ratings: [],
  fixState: "unknown",
  fixedIn: [],
  references: [],
  explanations: [],
};
const reason = "the function is never called";
const now = new Date("2026-11-20T12:00:00Z");

function waive(waiver: Partial<Waiver>, at: Date = now) {
  return applyWaivers([finding], [{ id: "CVE-2024-1", reason, ...waiver }], { now: at });
}

test("a waiver marks the finding of its id, or of any alias, and says why (SCAN-5)", () => {
  const { findings, warnings } = waive({ source: ".sc/ignore.yaml", expires: "2026-12-31" });
  expect(findings[0]?.suppressed).toEqual({ by: "ignore", reason, source: ".sc/ignore.yaml", expires: "2026-12-31" });
  expect(warnings).toEqual([]);
  expect(waive({ id: "GHSA-a" }).findings[0]?.suppressed).toEqual({ by: "ignore", reason });
});

test("ids and packages are compared exactly (SCAN-5)", () => {
  for (const id of ["CVE-2024-10", "CVE-2024-", "cve-2024-1", "CVE.2024.1", ".*"]) {
    expect(waive({ id }).findings[0]?.suppressed, id).toBeUndefined();
  }
  for (const name of ["y", "X", "pkg:npm/x@10", ".*"])
    expect(waive({ package: name }).findings[0]?.suppressed, name).toBeUndefined();
  for (const name of ["x", "pkg:npm/x@1"]) expect(waive({ package: name }).findings[0]?.suppressed, name).toBeDefined();
});

test("a waiver holds through its last day, then the finding counts again and a warning says so (SCAN-5)", () => {
  const expires = "2026-11-20";
  expect(waive({ expires }, new Date("2026-11-20T23:59:59Z")).findings[0]?.suppressed).toBeDefined();
  const { findings, warnings } = waive({ expires }, new Date("2026-11-21T00:00:00Z"));
  expect(findings).toEqual([finding]);
  expect(warnings).toEqual([
    { rule: "waiver", subject: "CVE-2024-1", message: `the waiver of CVE-2024-1 ended on 2026-11-20: "${reason}"` },
  ]);
  expect(waive({ expires: "2026-11-20T12:00:00Z" }).findings[0]?.suppressed).toBeUndefined();
  expect(waive({ expires: "2026-11-20T12:00:01Z" }).findings[0]?.suppressed).toBeDefined();
});

test("a waiver that ends within two weeks is told of while it holds (SCAN-5)", () => {
  const warned = (expires: string) => waive({ expires }).warnings.map(({ message }) => message);
  expect(warned("2026-11-20")).toEqual([`the waiver of CVE-2024-1 ends on 2026-11-20, in 1 day: "${reason}"`]);
  expect(warned("2026-12-03")).toEqual([`the waiver of CVE-2024-1 ends on 2026-12-03, in 14 days: "${reason}"`]);
  expect(warned("2026-12-05")).toEqual([]);
  expect(waive({ expires: "2026-12-03" }).findings[0]?.suppressed).toBeDefined();
  expect(waive({ id: "CVE-other", expires: "2026-12-03" }).warnings).toEqual([]);
});

test("a waiver that ended is told of only where it would have held", () => {
  expect(waive({ id: "CVE-2023-1", expires: "2020-01-01" }).warnings).toEqual([]);
});

test("what others suppressed already stays theirs", () => {
  const suppressed = { by: "vex", reason: "not affected" } as const;
  const { findings } = applyWaivers([{ ...finding, suppressed }], [{ id: "CVE-2024-1", reason }], { now });
  expect(findings[0]?.suppressed).toEqual(suppressed);
});

test("a waiver without a reason, or with a date that is none, is refused", () => {
  for (const waiver of [
    { reason: " " },
    { expires: "soon" },
    { expires: "2026-02-31" },
    { expires: "2026-13-01" },
    { expires: "" },
    { expires: "31.12.2026" },
  ]) {
    expect(() => waive(waiver), JSON.stringify(waiver)).toThrow(expect.objectContaining({ code: "WAIVER_INVALID" }));
  }
});

function accepted(waiver: Partial<Waiver>): boolean {
  return waive(waiver).findings[0]?.suppressed !== undefined;
}

test("a star in a waiver stands for any run of characters, and nothing else does (SCAN-5)", () => {
  expect(accepted({ id: "CVE-2024-*" })).toBe(true);
  expect(accepted({ id: "*", package: "x" })).toBe(true);
  expect(accepted({ id: "*", package: "pkg:npm/*@1" })).toBe(true);
  expect(accepted({ path: "x" })).toBe(true);
  expect(accepted({ id: "CVE-2024-" })).toBe(false);
  expect(accepted({ id: "CVE.2024.1" })).toBe(false);
  expect(accepted({ id: "*-2" })).toBe(false);
  expect(accepted({ path: "y*" })).toBe(false);
  expect(accepted({ package: "" })).toBe(false);
});

test("a waiver that would accept everything is refused (SCAN-5)", () => {
  for (const waiver of [{ id: "*" }, { id: "**", package: "*" }, { id: "*", path: "*" }]) {
    expect(() => waive(waiver)).toThrow(expect.objectContaining({ code: "WAIVER_INVALID" }));
  }
});

test("a pattern of many stars takes no time to speak of", () => {
  expect(waive({ id: `${"*a".repeat(2000)}b` }).findings[0]?.suppressed).toBeUndefined();
});
