import { expect, test } from "vitest";
import { isInRange } from "./vers.ts";

test.each([
  ["vers:npm/1.2.3", "1.2.3", true],
  ["vers:npm/=1.2.3", "1.2.4", false],
  ["vers:npm/>=1.0.0|<2.0.0", "1.5.0", true],
  ["vers:npm/>=1.0.0|<2.0.0", "1.0.0", true],
  ["vers:npm/>=1.0.0|<2.0.0", "2.0.0", false],
  ["vers:npm/<2.0.0|>=1.0.0", "0.9.0", false],
  ["vers:npm/>1.0.0|<=2.0.0", "1.0.0", false],
  ["vers:npm/>1.0.0|<=2.0.0", "2.0.0", true],
  ["vers:npm/<1.0.0|>=2.0.0|<3.0.0", "0.1.0", true],
  ["vers:npm/<1.0.0|>=2.0.0|<3.0.0", "1.5.0", false],
  ["vers:npm/<1.0.0|>=2.0.0|<3.0.0", "2.5.0", true],
  ["vers:npm/<1.0.0|>=2.0.0|<3.0.0", "3.5.0", false],
  ["vers:npm/>=2.0.0", "9.0.0", true],
  ["vers:npm/>=1.0.0|!=1.5.0|<2.0.0", "1.5.0", false],
  ["vers:npm/>=1.0.0|!=1.5.0|<2.0.0", "1.6.0", true],
  ["vers:deb/<1%3A2.0", "9.0", true],
  ["vers:pypi/<1.0", "1.0rc1", true],
  ["vers:npm/*", "7.0.0", true],
] as const)("%s holds %s: %s (SCAN-5)", (range, version, expected) => {
  expect(isInRange(range, version)).toBe(expected);
});

test.each([
  ["vers:martian/*", "1"],
  ["vers:constructor/*", "1"],
  ["vers:npm/", "1.0.0"],
  ["vers:npm/>=", "1.0.0"],
  ["vers:npm/>=1.0.0|~2", "1.0.0"],
  [">=1.0.0", "1.0.0"],
  ["vers:deb/>=1.0", "not a version"],
  [`vers:npm/${">1.0.0|".repeat(100_000)}<2.0.0`, "1.5.0"],
])("what is no range or no version says nothing (SCAN-5)", (range, version) => {
  expect(isInRange(range, version)).toBeUndefined();
});
