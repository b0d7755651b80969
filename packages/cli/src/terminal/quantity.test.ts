import { expect, test } from "vitest";
import { formatAge, formatBytes, formatCount, formatInstant, formatSpan } from "./quantity.ts";

test("bytes have three digits at most and powers of a thousand", () => {
  expect([0, 999, 1000, 74_123_456, 999_600_000, 1_500_000_000].map(formatBytes)).toEqual([
    "0 B",
    "999 B",
    "1.0 kB",
    "74.1 MB",
    "1.0 GB",
    "1.5 GB",
  ]);
});

test("spans, ages, counts and instants read as people write them", () => {
  expect([320, 59_960, 125_000].map(formatSpan)).toEqual(["0.3 s", "1 min 0 s", "2 min 5 s"]);
  expect([60_000, 26 * 3_600_000, 12 * 86_400_000].map(formatAge)).toEqual(["1 min", "26 h", "12 d"]);
  expect([formatCount(1, "package"), formatCount(1204, "package"), formatCount(2, "vulnerability")]).toEqual([
    "1 package",
    "1,204 packages",
    "2 vulnerabilities",
  ]);
  expect(formatInstant(new Date("2026-11-20T04:10:59Z"))).toBe("2026-11-20 04:10 UTC");
});
