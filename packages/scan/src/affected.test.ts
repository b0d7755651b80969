import { expect, test } from "vitest";
import type { AffectedRange } from "./advisory.ts";
import { followFixes, judge, readInstalled, versionsBeyondRanges } from "./affected.ts";
import { dpkg } from "./versions/dpkg.ts";
import { pep440 } from "./versions/pep440.ts";
import { semver } from "./versions/semver.ts";

type EventText = `${"introduced" | "fixed" | "last_affected" | "limit"} ${string}`;

function range(...events: EventText[]): AffectedRange {
  return {
    type: "ECOSYSTEM",
    events: events.map((text) => {
      const [type, version] = text.split(" ") as [AffectedRange["events"][number]["type"], string];
      return { type, version };
    }),
  };
}

function outcomes(ranges: readonly AffectedRange[], versions: readonly string[], listed: readonly string[] = []) {
  return versions.filter(
    (text) => judge({ ranges, versions: listed }, readInstalled(text, semver)).outcome === "affected",
  );
}

test("a span holds its beginning and not its fix (SCAN-1)", () => {
  const ranges = [range("introduced 1.0.0", "fixed 1.2.0")];
  expect(outcomes(ranges, ["0.9.9", "1.0.0", "1.1.9", "1.2.0-rc.1", "1.2.0", "2.0.0"])).toEqual([
    "1.0.0",
    "1.1.9",
    "1.2.0-rc.1",
  ]);
});

test("introduced 0 is before everything, also before pre-releases (SCAN-1)", () => {
  expect(outcomes([range("introduced 0", "fixed 1.0.0")], ["0.0.0-alpha", "0.0.0", "1.0.0"])).toEqual([
    "0.0.0-alpha",
    "0.0.0",
  ]);
});

test("the last affected version is affected, the next is not (SCAN-1)", () => {
  const ranges = [range("introduced 0", "last_affected 1.2.0")];
  expect(outcomes(ranges, ["1.1.0", "1.2.0", "1.2.1"])).toEqual(["1.1.0", "1.2.0"]);
});

test("events count in the order of their versions, whatever their order in the record (SCAN-1)", () => {
  const events: EventText[] = [
    "fixed 1.2.0",
    "introduced 2.0.0",
    "introduced 1.0.0",
    "fixed 2.1.0",
    "introduced 3.0.0",
  ];
  const versions = ["0.9.0", "1.1.0", "1.2.0", "1.9.0", "2.0.5", "2.1.0", "3.5.0"];
  const expected = ["1.1.0", "2.0.5", "3.5.0"];
  expect(outcomes([range(...events)], versions)).toEqual(expected);
  expect(outcomes([range(...events.toReversed())], versions)).toEqual(expected);
  expect(outcomes([range(...events.toSorted())], versions)).toEqual(expected);
});

test("a limit bounds a range, and the highest of several limits counts (SCAN-1)", () => {
  expect(outcomes([range("introduced 1.0.0", "limit 2.0.0")], ["0.9.0", "1.5.0", "2.0.0", "2.5.0"])).toEqual(["1.5.0"]);
  expect(outcomes([range("introduced 1.0.0", "limit 2.0.0", "limit 3.0.0")], ["2.5.0", "3.0.0"])).toEqual(["2.5.0"]);
  expect(outcomes([range("introduced 1.0.0", "limit *")], ["9.0.0"])).toEqual(["9.0.0"]);
});

test("where a span ends and another begins at one version, that version is affected (SCAN-1)", () => {
  expect(outcomes([range("introduced 0", "fixed 1.0.0", "introduced 1.0.0", "fixed 2.0.0")], ["1.0.0"])).toEqual([
    "1.0.0",
  ]);
});

test("a span that ends where it begins holds nothing, and opens nothing behind it (SCAN-1)", () => {
  // RUSTSEC-2024-0399 of rustls has this form: nothing of 0.23 is affected before 0.23.13.
  const events: EventText[] = ["introduced 0.23.0", "fixed 0.23.0", "introduced 0.23.13", "fixed 0.23.18"];
  const versions = ["0.22.9", "0.23.0", "0.23.5", "0.23.13", "0.23.17", "0.23.18"];
  expect(outcomes([range(...events)], versions)).toEqual(["0.23.13", "0.23.17"]);
  expect(outcomes([range("introduced 45.0.0", "fixed 45.0.0")], ["44.0.0", "45.0.0", "46.0.0"])).toEqual([]);
  expect(
    outcomes([range("introduced 0", "fixed 1.0.0", "introduced 3.0.0", "fixed 3.0.0")], ["3.0.0", "4.0.0"]),
  ).toEqual([]);
  expect(outcomes([range("introduced 0", "fixed 0")], ["0.0.0-1", "0.0.0", "1.0.0"])).toEqual([]);
});

test("a fix that ends another span than its own leaves what is introduced there affected (SCAN-1)", () => {
  // PYSEC-2023-72 of pyspark has this form: three spans, the last of which ends where the second begins.
  const events: EventText[] = ["introduced 2.0.0", "fixed 2.2.0", "introduced 1.1.0", "fixed 2.0.0"];
  expect(outcomes([range(...events)], ["1.0.0", "1.1.0", "2.0.0", "2.1.9", "2.2.0"])).toEqual([
    "1.1.0",
    "2.0.0",
    "2.1.9",
  ]);
});

test("the last affected version may be the only one, or the one before a further span (SCAN-1)", () => {
  const versions = ["0.9.0", "1.0.0", "1.0.1", "2.0.0"];
  expect(outcomes([range("introduced 1.0.0", "last_affected 1.0.0")], versions)).toEqual(["1.0.0"]);
  const spans = range("introduced 0", "last_affected 1.0.0", "introduced 1.0.0", "fixed 2.0.0");
  expect(outcomes([spans], versions)).toEqual(["0.9.0", "1.0.0", "1.0.1"]);
});

test("a fix that the advisory calls affected itself gives way to the one that mends it (SCAN-4)", () => {
  const inOne = {
    ranges: [range("introduced 0", "fixed 1.0.0"), range("introduced 1.0.0", "fixed 2.0.0")],
    versions: [],
  };
  expect(followFixes(["1.0.0"], [inOne], semver)).toEqual(["2.0.0"]);
  const [first, second] = inOne.ranges.map((one) => ({ ranges: [one], versions: [] }));
  if (first === undefined || second === undefined) throw new Error("there are two");
  expect(followFixes(["1.0.0"], [first, second], semver)).toEqual(["2.0.0"]);
  expect(followFixes(["1.0.0"], [first], semver)).toEqual(["1.0.0"]);
  const open = { ranges: [range("introduced 1.0.0")], versions: [] };
  expect(followFixes(["1.0.0"], [first, open], semver)).toEqual([]);
  expect(followFixes(["1.0.0"], [{ ...first, versions: ["1.0.0"] }], semver)).toEqual([]);
});

test("a chain of fixes that a record makes endless is followed for a bounded time (SCAN-4)", () => {
  const ranges = Array.from({ length: 5000 }, (_, index) => range(`introduced ${index}.0.0`, `fixed ${index + 1}.0.0`));
  let asked = 0;
  const counting = { ...semver, parse: (text: string) => ((asked += 1), semver.parse(text)) };
  expect(followFixes(["1.0.0"], [{ ranges, versions: [] }], counting)).toEqual([]);
  expect(asked).toBeLessThan(1_000_000);
});

test("any of several ranges, or the enumeration, suffices (SCAN-1)", () => {
  const ranges = [range("introduced 1.0.0", "fixed 1.1.0"), range("introduced 2.0.0", "fixed 2.1.0")];
  expect(outcomes(ranges, ["1.0.5", "1.5.0", "2.0.5", "3.0.0", "3.0.1"], ["3.0.0"])).toEqual([
    "1.0.5",
    "2.0.5",
    "3.0.0",
  ]);
});

test("an enumerated version is met by every way of writing it (SCAN-1)", () => {
  expect(judge({ ranges: [], versions: ["1.0.0"] }, readInstalled("1.0", pep440)).outcome).toBe("affected");
  expect(judge({ ranges: [], versions: ["1.0-1"] }, readInstalled("0:1.0-1", dpkg)).outcome).toBe("affected");
  expect(judge({ ranges: [], versions: ["not a version"] }, readInstalled("not a version", semver)).outcome).toBe(
    "affected",
  );
});

test("nothing is affected by a range without a beginning, or by no range at all (SCAN-1)", () => {
  expect(outcomes([range("fixed 1.0.0")], ["0.5.0"])).toEqual([]);
  expect(outcomes([range()], ["0.5.0"])).toEqual([]);
  expect(judge({ ranges: [range()], versions: [] }, readInstalled("what", semver)).outcome).not.toBe("affected");
});

test("a range at a version that is none is undecided, never clean by silence (SCAN-1)", () => {
  const ranges = [range("introduced 0", "fixed 4a5b6c7d")];
  expect(judge({ ranges, versions: [] }, readInstalled("1.0.0", semver)).outcome).toBe("undecided");
  expect(judge({ ranges, versions: ["1.0.0"] }, readInstalled("1.0.0", semver)).outcome).toBe("affected");
});

test("what is affected from the beginning on and never mended affects a version without order, too (SCAN-1)", () => {
  expect(outcomes([range("introduced 0")], ["latest", "1.0.0"])).toEqual(["latest", "1.0.0"]);
  expect(outcomes([range("introduced 0", "fixed 1.0.0")], ["latest"])).toEqual([]);
});

test("a SEMVER range is ordered by Semantic Versioning in every ecosystem (SCAN-1)", () => {
  const events = range("introduced 0", "fixed 1.0.0-2").events;
  const inSemver = judge({ ranges: [{ type: "SEMVER", events }], versions: [] }, readInstalled("1.0.0-10", pep440));
  const inPython = judge({ ranges: [{ type: "ECOSYSTEM", events }], versions: [] }, readInstalled("1.0.0-1", pep440));
  expect([inSemver.outcome, inPython.outcome]).toEqual(["unaffected", "affected"]);
});

test("the fix is that of the span which holds the version, and the explanation names the span (SCAN-4)", () => {
  const ranges = [range("introduced 1.0.0", "fixed 1.2.0", "introduced 2.0.0", "fixed 2.1.0")];
  const judgement = judge({ ranges, versions: [] }, readInstalled("2.0.3", semver));
  expect(judgement).toEqual({ outcome: "affected", fixes: ["2.1.0"], open: false, range: ">= 2.0.0, < 2.1.0" });
  expect(
    judge({ ranges: [range("introduced 0", "last_affected 2.0.0")], versions: [] }, readInstalled("1.0.0", semver)),
  ).toEqual({
    outcome: "affected",
    fixes: [],
    open: false,
    range: "<= 2.0.0",
  });
  expect(judge({ ranges: [range("introduced 0")], versions: [] }, readInstalled("1.0.0", semver))).toEqual({
    outcome: "affected",
    fixes: [],
    open: true,
    range: "every version",
  });
});

test("leaving out enumerated versions that a range holds changes no outcome (SCAN-2)", () => {
  const affected = {
    ranges: [range("introduced 1.0.0", "fixed 2.0.0"), range("introduced 5.0.0", "fixed not-a-version!")],
    versions: ["0.9.0", "1.0.0", "1.5.0", "2.0.0", "what"],
  };
  const versions = versionsBeyondRanges(affected, semver);
  expect(versions).toEqual(["0.9.0", "2.0.0", "what"]);
  for (const text of ["0.9.0", "1.0.0", "1.5.0", "2.0.0", "2.5.0", "what", "5.1.0"]) {
    const installed = readInstalled(text, semver);
    expect(judge({ ...affected, versions }, installed).outcome, text).toBe(judge(affected, installed).outcome);
  }
});
