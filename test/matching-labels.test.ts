import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Finding } from "@sc/model";
import type { AdvisoryDatabase } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { openFolder } from "./matching-database.ts";
import {
  has,
  matchIn,
  openZips,
  type RecordFacts,
  readRecords,
  readRows,
  type Row,
  unexplained,
  zipsOf,
} from "./matching-records.ts";

const osvFolder = dataFolder("osv");
const expectedFolder = dataFolder("scan-expected");

describe.skipIf(osvFolder === undefined || expectedFolder === undefined)("matches that people labelled", () => {
  test(
    "are found where true and not where false, as far as the advisory is at hand (SCAN-1)",
    { timeout: 600_000 },
    async () => {
      await using folder = await openFolder();
      const zips = zipsOf(osvFolder ?? "");
      await using database = await openZips(zips, folder.path);
      const told = Map.groupBy(toldBy(zips), ({ key }) => key);
      const table = gunzipSync(readFileSync(join(expectedFolder ?? "", "match-labels/labels.tsv.gz"))).toString();
      const matched = new Map<string, readonly Finding[]>();
      const differences = readRows(table).flatMap((row) => compareLabel(row, { database, told, matched }));
      expect(matched.size).toBeGreaterThan(0);
      expect(unexplained("match-labels", [...new Set(differences)])).toEqual([]);
    },
  );
});

const languages = ["Go", "Maven", "NuGet", "Packagist", "PyPI", "RubyGems", "crates.io", "npm"];

interface Told {
  /** Ecosystem, id and name. */
  readonly key: string;
  readonly facts: RecordFacts["packages"][number];
}

function toldBy(zips: readonly string[]): readonly Told[] {
  return zips
    .flatMap(readRecords)
    .flatMap(({ names, packages }) =>
      packages.flatMap((facts) =>
        names.map((id) => ({ key: `${facts.ecosystem} ${id} ${comparedName(facts.ecosystem, facts.name)}`, facts })),
      ),
    );
}

interface LabelContext {
  readonly database: AdvisoryDatabase;
  readonly told: ReadonlyMap<string, readonly Told[]>;
  /** What was found for each package and version already: rows repeat them. */
  readonly matched: Map<string, readonly Finding[]>;
}

// The table names neither type nor distribution of a package: a GHSA, and a package of that name among the advisory's
// own, are what tells that the row is of a language's package.
function compareLabel(row: Row, { database, told, matched }: LabelContext): readonly string[] {
  const { package: name = "", version = "", vulnerability = "", label = "" } = row;
  if (!vulnerability.startsWith("GHSA-") || (label !== "TP" && label !== "FP")) return [];
  const keyOf = (one: string): string => `${one} ${vulnerability} ${comparedName(one, name)}`;
  const ecosystem = languages.find((one) => told.has(keyOf(one)));
  if (ecosystem === undefined) return [];
  const key = `${ecosystem} ${name} ${version}`;
  const findings = matched.get(key) ?? matchIn(database, ecosystem, { name, version });
  matched.set(key, findings);
  const isFound = findings.some((finding) => has(finding, vulnerability));
  if (isFound === (label === "TP")) return [];
  if (isFound === told.get(keyOf(ecosystem))?.some((one) => holdsByNumbers(one.facts, version))) return [];
  return [`${ecosystem} ${name} ${version}: ${vulnerability} ${isFound ? "found" : "not found"}`];
}

function comparedName(ecosystem: string, name: string): string {
  return ecosystem === "PyPI" ? name.toLowerCase().replaceAll(/[-_.]+/g, "-") : name;
}

// A label is about an image: a distribution may have mended its package without a new version, a program may not hold
// the part of a module that is meant; and it follows what GitHub's advisory said, which may differ from the record at
// hand. So where we differ from a label, the record read by the leading numbers of its versions alone must say what we do.
function holdsByNumbers({ versions, ranges }: Told["facts"], version: string): boolean {
  if (versions.includes(version)) return true;
  return ranges.some((events) => {
    let inside = false;
    for (const { introduced, fixed, last_affected: last } of events) {
      if (introduced !== undefined && compareNumbers(introduced, version) <= 0) inside = true;
      if (fixed !== undefined && compareNumbers(fixed, version) <= 0) inside = false;
      if (last !== undefined && compareNumbers(last, version) < 0) inside = false;
    }
    return inside;
  });
}

function compareNumbers(left: string, right: string): number {
  const [leftNumbers, rightNumbers] = [left, right].map((text) => (/\d+(?:\.\d+)*/.exec(text)?.[0] ?? "0").split("."));
  for (let index = 0; index < 8; index += 1) {
    const order = Number(leftNumbers?.[index] ?? 0) - Number(rightNumbers?.[index] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}
