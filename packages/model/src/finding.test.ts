import { expect, test } from "vitest";
import { isAtLeast, severities } from "./finding.ts";

test("severities are ordered by their place, and unknown is at or above nothing but unknown (SCAN-5)", () => {
  for (const [index, severity] of severities.entries()) {
    for (const [other, threshold] of severities.entries()) {
      expect(isAtLeast(severity, threshold)).toBe(index >= other);
    }
  }
  expect(isAtLeast("unknown", "none")).toBe(false);
  expect(isAtLeast("critical", "high")).toBe(true);
});
