import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { versionSchemes } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { type Oracle, oracles, type Pair, type Readings } from "./version-oracles.ts";
import { createPairs } from "./version-pairs.ts";

const pairsPerTool = 10_000;

describe("the truth is what the ecosystem's own tool says (SCAN-1)", () => {
  for (const oracle of oracles) {
    const missing = oracle.missing();
    const title = `${oracle.scheme} orders ${pairsPerTool} random and mutated pairs as ${oracle.tool} does`;
    test.skipIf(missing !== undefined)(
      missing === undefined ? title : `${title} (skipped: ${missing})`,
      { timeout: 300_000 },
      () => {
        const folder = mkdtempSync(join(tmpdir(), "sc-oracle-"));
        try {
          expect(differencesFrom(oracle, folder)).toEqual([]);
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      },
    );
  }
});

const asWritten: Readings = { asked: (version) => version, ordered: (version) => version };

function differencesFrom(oracle: Oracle, folder: string): readonly string[] {
  const scheme = versionSchemes.find(({ id }) => id === oracle.scheme);
  if (scheme === undefined) throw new Error(`no version scheme ${oracle.scheme}`);
  const pairs = createPairs(oracle.scheme, pairsPerTool);
  const { asked, ordered } = oracle.readings ?? asWritten;
  const orders = oracle.compare(
    pairs.map(([left, right]): Pair => [asked(left), asked(right)]),
    folder,
  );
  expect(orders).toHaveLength(pairs.length);
  // What the tool rejects it does not order; most must be accepted for the comparison to mean something.
  expect(orders.filter((order) => order !== undefined).length).toBeGreaterThan(pairsPerTool / 4);
  return pairs.flatMap(([left, right], index) => {
    const expected = orders[index];
    if (expected === undefined || oracle.except?.pattern.test(`${left} ${right}`) === true) return [];
    const [leftVersion, rightVersion] = [scheme.parse(ordered(left)), scheme.parse(ordered(right))];
    const known = leftVersion !== undefined && rightVersion !== undefined;
    const got = known ? Math.sign(scheme.compare(leftVersion, rightVersion)) : "no version";
    return got === expected ? [] : [`${left} ${right}: ${got}, not ${expected}`];
  });
}
