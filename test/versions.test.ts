import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { versionSchemes } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { createPairs } from "./version-pairs.ts";

const root = join(import.meta.dirname, "..");
const fixtureFolder = dataFolder("versions");
const vectorFolder = join(root, "vectors/versions");

// The fixtures are named for the ecosystem whose order applies, and several ecosystems share a scheme.
const schemeOfFixture: Readonly<Record<string, string>> = {
  alpine: "apk",
  cran: "cran",
  debian: "dpkg",
  hackage: "hackage",
  maven: "maven",
  nuget: "nuget",
  packagist: "composer",
  pub: "pub",
  pypi: "pep440",
  redhat: "rpm",
  "rpm-segments": "rpm",
  rubygems: "gem",
  semver: "semver",
};

interface Case {
  readonly line: string;
  readonly left: string;
  readonly right: string;
  readonly order: number;
}

function readCases(path: string): readonly Case[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines
    .filter((line) => line !== "" && !line.startsWith("//"))
    .map((line) => {
      const [left = "", sign = "", right = ""] = line.split(" ");
      return { line, left, right, order: "<=>".indexOf(sign.charAt(0)) - 1 };
    });
}

function schemeCalled(id: string | undefined) {
  const scheme = versionSchemes.find((known) => known.id === id);
  if (scheme === undefined) throw new Error(`no version scheme ${id}`);
  return {
    parse: (text: string): unknown => scheme.parse(text),
    order: (left: string, right: string): number | undefined => {
      const [leftVersion, rightVersion] = [scheme.parse(left), scheme.parse(right)];
      return leftVersion === undefined || rightVersion === undefined
        ? undefined
        : Math.sign(scheme.compare(leftVersion, rightVersion));
    },
  };
}

function checkCases(id: string, cases: readonly Case[]): void {
  const scheme = schemeCalled(id);
  const wrong = cases.filter(
    ({ left, right, order }) =>
      scheme.order(left, right) !== order || scheme.order(right, left) !== (order === 0 ? 0 : -order),
  );
  expect(wrong.map(({ line }) => line)).toEqual([]);
  expect(cases.length).toBeGreaterThan(0);
}

// A sort puts a list in an order in which every pair agrees only if the comparison is a total order on it.
function checkTotalOrder(id: string, versions: readonly string[]): void {
  const scheme = schemeCalled(id);
  const sorted = versions.toSorted((left, right) => scheme.order(left, right) ?? Number.NaN);
  const wrong: string[] = [];
  let seed = 1;
  for (let round = 0; round < 50_000 && sorted.length > 1; round += 1) {
    seed = (seed * 48_271) % 2_147_483_647;
    const low = seed % (sorted.length - 1);
    const high = low + 1 + (round % Math.min(sorted.length - 1 - low, 1 + round / 25));
    const [left = "", right = ""] = [sorted[low], sorted[Math.floor(high)]];
    if (scheme.order(left, right) === 1) wrong.push(`${left} > ${right}`);
  }
  expect(wrong).toEqual([]);
  expect(versions.filter((version) => scheme.order(version, version) !== 0)).toEqual([]);
}

function versionsOf(cases: readonly Case[]): readonly string[] {
  return [...new Set(cases.flatMap(({ left, right }) => [left, right]))];
}

describe("our own vectors (SCAN-1)", () => {
  for (const { id } of versionSchemes) {
    const files = readdirSync(join(vectorFolder, id)).map((file) => join(vectorFolder, id, file));
    const cases = files.flatMap(readCases);
    test(`${id} orders every pair as its vectors say, both ways round`, () => checkCases(id, cases));
    test(`${id} is a total order on its vectors`, () => checkTotalOrder(id, versionsOf(cases)));
  }
});

describe("fixtures of other projects (SCAN-1)", () => {
  const folders = fixtureFolder === undefined ? [] : [fixtureFolder, join(fixtureFolder, "generated")];
  for (const path of folders.flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))) {
    const name = /([^/]+)\.txt$/.exec(path)?.[1] ?? "";
    const id = schemeOfFixture[name];
    if (id === undefined) continue;
    test(`${id} orders every pair of ${path.slice((fixtureFolder ?? "").length + 1)}, both ways round`, () => {
      checkCases(id, readCases(path));
    });
  }
  // Where a dot stands before a qualifier our order is Maven's of before 3.8, which is not transitive: see the scheme.
  const total = Object.entries(schemeOfFixture).filter(([, id]) => id !== "maven");
  for (const [name, id] of total) {
    const files = folders.map((folder) => join(folder, `${name}.txt`)).filter((path) => existsSync(path));
    test.skipIf(files.length === 0)(`${id} is a total order on all versions of the ${name} fixtures`, () => {
      checkTotalOrder(id, versionsOf(files.flatMap(readCases)));
    });
  }
});

// Where a dot stands before a qualifier Maven's order of before 3.8.7 goes round in a circle: see the scheme. Where no
// number but zero stands before the first qualifier every release of Maven does: 0 < foo-sp < -rc < 0.
const circular: Readonly<Record<string, RegExp>> = { maven: /\.[^\d.-]|^\D|^[0.]+[^\d.]/ };

// In a sorted pool every pair must agree, both ways round, with the classes of equal versions that it falls into.
function disorderOf(
  pool: readonly string[],
  order: (left: string, right: string) => number | undefined,
): readonly string[] {
  const sorted = pool.toSorted((left, right) => order(left, right) ?? Number.NaN);
  const classes: number[] = [];
  for (const [at, version] of sorted.entries()) {
    const isSame = at > 0 && order(sorted[at - 1] ?? "", version) === 0;
    classes.push((classes.at(-1) ?? 0) + (isSame ? 0 : 1));
  }
  return sorted.flatMap((left, before) =>
    sorted.slice(before).flatMap((right, distance) => {
      const expected = Math.sign((classes[before] ?? 0) - (classes[before + distance] ?? 0));
      const agrees = order(left, right) === expected && (order(right, left) ?? Number.NaN) + expected === 0;
      return agrees ? [] : [`${left} ${right}`];
    }),
  );
}

describe("random versions (SCAN-1)", () => {
  for (const { id } of versionSchemes) {
    test(`${id} is a total order on real, made-up and mutated ones`, () => {
      const { parse, order } = schemeCalled(id);
      const versions = createPairs(id, 4_000)
        .flat()
        .filter((version) => parse(version) !== undefined && circular[id]?.test(version) !== true);
      const wrong: string[] = [];
      for (let start = 0; start < versions.length; start += 40) {
        wrong.push(...disorderOf(versions.slice(start, start + 40), order));
      }
      expect(wrong).toEqual([]);
      expect(versions.length).toBeGreaterThan(2_000);
    });
  }
});

describe("hostile versions (SCAN-1)", () => {
  const patterns = [
    "1",
    "1.",
    "a",
    "_p1",
    "_alphax",
    "-",
    "~",
    "+a.",
    "0",
    ".-",
    "-final",
    "-0",
    "v",
    "-pre",
    " ",
    "!",
  ];
  for (const { id } of versionSchemes) {
    // A quadratic scheme would take minutes for any of these: the time limit of the test is the assertion.
    test(`${id} takes a million characters in one pass, and a quarter of one of anything`, () => {
      const scheme = schemeCalled(id);
      for (const [index, pattern] of patterns.entries()) {
        const text = `1${pattern.repeat((index < 4 ? 1_000_000 : 250_000) / pattern.length)}`;
        expect(scheme.order(text, text) ?? 0, JSON.stringify(pattern)).toBe(0);
        scheme.order(text, `${text}1`);
      }
    });
    test(`${id} rejects an empty version`, () => expect(schemeCalled(id).parse("")).toBeUndefined());
  }
  test("dpkg rejects what dpkg rejects", () => {
    for (const text of ["a:1", "2147483648:1", "-1:1", "1:", "1-", "1 2", "1_2", "1-1_2", "1\n2"]) {
      expect(schemeCalled("dpkg").parse(text), text).toBeUndefined();
    }
  });
  test("Maven's order goes round in the one way its scheme says", () => {
    const { order } = schemeCalled("maven");
    expect([order("1-1", "1.0.rc"), order("1.0.rc", "1"), order("1", "1-1")]).toEqual([-1, -1, -1]);
  });
  test("semver rejects what is no version", () => {
    for (const text of ["latest", "1.x", "^1.0.0", "1..0", "1.0.0-ä", "file:../x"]) {
      expect(schemeCalled("semver").parse(text), text).toBeUndefined();
    }
  });
});
