import type { Finding } from "@sc/model";
import { expect, test } from "vitest";
import { applyBaseline } from "./index.ts";

const finding: Finding = {
  id: "CVE-2024-1",
  aliases: ["GHSA-a"],
  package: { id: "x", type: "npm", name: "x", version: "2", purl: "pkg:npm/x@2", locations: [] },
  severity: "high",
  ratings: [],
  fixState: "unknown",
  fixedIn: [],
  references: [],
  explanations: [],
};
const source = "main.json";

test("what was there before does not count, at any version and by any id (SCAN-5)", () => {
  for (const known of [finding, { ...finding, id: "GHSA-a", aliases: [] }]) {
    expect(applyBaseline([finding], [known], { source })[0]?.suppressed).toEqual({
      by: "baseline",
      reason: "it was there before",
      source,
    });
  }
});

test("what was in another package, or not at all, is new (SCAN-5)", () => {
  const others = [
    { ...finding, id: "CVE-2024-2", aliases: [] },
    { ...finding, package: { ...finding.package, name: "y" } },
    { ...finding, package: { ...finding.package, type: "pypi" } },
  ];
  expect(applyBaseline([finding], others, { source })).toEqual([finding]);
});
