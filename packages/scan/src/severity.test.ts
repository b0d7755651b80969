import type { Rating, Severity } from "@sc/model";
import { expect, test } from "vitest";
import { rateVector } from "./cvss.ts";
import { pickSeverity, rateWord } from "./severity.ts";

test("vectors of every version give the scores of their specifications (SCAN-4)", () => {
  const vectors: readonly (readonly [string, Rating["method"], number, Severity])[] = [
    ["AV:N/AC:L/Au:N/C:P/I:P/A:P", "CVSSv2", 7.5, "high"],
    ["AV:N/AC:L/Au:N/C:C/I:C/A:C", "CVSSv2", 10, "high"],
    ["CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "CVSSv3", 10, "critical"],
    ["CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "CVSSv31", 6.1, "medium"],
    ["CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", "CVSSv31", 0, "none"],
    ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:U", "CVSSv31", 9.8, "critical"],
    ["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "CVSSv4", 9.3, "critical"],
    ["CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", "CVSSv4", 10, "critical"],
  ];
  for (const [vector, method, score, severity] of vectors) {
    expect(rateVector(vector, "X"), vector).toEqual({ vector, method, score, severity, source: "X" });
  }
});

test("a vector with slashes too many is the same without them (SCAN-4)", () => {
  const vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
  for (const text of [`${vector}/`, vector.replace("/AC", "//AC"), `${vector}//`]) {
    expect(rateVector(text, "X"), text).toEqual(rateVector(vector, "X"));
  }
});

test("what is no whole vector rates nothing", () => {
  const texts = [
    "",
    "7.5",
    "CVSS:3.1/",
    "CVSS:3.1/AV:N",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:Q",
    "CVSS:5.0/AV:N",
    "<b>",
  ];
  for (const text of [...texts, `CVSS:3.1/${"AV:N/".repeat(100_000)}`])
    expect(rateVector(text, "X"), text.slice(0, 60)).toBeUndefined();
});

test("vendors' words rate as they mean, and words that rate nothing stay unknown (SCAN-4)", () => {
  const words = ["Important", "MODERATE", "low**", "unimportant", "not yet assigned", "untriaged", "", "constructor"];
  expect(words.map((word) => rateWord(word, "X")?.severity)).toEqual(["high", "medium", "low", "none", ...Array(4)]);
});

test("a distribution's own word counts before a score, elsewhere the newest score does (SCAN-4)", () => {
  const ratings: readonly Rating[] = [
    { method: "CVSSv31", severity: "critical", score: 9.8, source: "X" },
    { method: "CVSSv4", severity: "high", score: 8, source: "X" },
    { method: "vendor", severity: "low", source: "X" },
    { method: "CVSSv4", severity: "medium", score: 5, source: "Y" },
  ];
  expect([pickSeverity(ratings, true), pickSeverity(ratings, false), pickSeverity([], true)]).toEqual([
    "low",
    "high",
    "unknown",
  ]);
});
