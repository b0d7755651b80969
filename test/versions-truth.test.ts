import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { versionSchemes } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { type Oracle, oracles, type Pair } from "./version-oracles.ts";

const pairsPerTool = 10_000;
const vectorFolder = join(import.meta.dirname, "../vectors/versions");

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

function differencesFrom(oracle: Oracle, folder: string): readonly string[] {
  const scheme = versionSchemes.find(({ id }) => id === oracle.scheme);
  if (scheme === undefined) throw new Error(`no version scheme ${oracle.scheme}`);
  const pairs = createPairs(oracle.scheme);
  const orders = oracle.compare(pairs, folder);
  expect(orders).toHaveLength(pairs.length);
  // What the tool rejects it does not order; most must be accepted for the comparison to mean something.
  expect(orders.filter((order) => order !== undefined).length).toBeGreaterThan(pairsPerTool / 4);
  return pairs.flatMap(([left, right], index) => {
    const expected = orders[index];
    if (expected === undefined || oracle.except?.pattern.test(`${left} ${right}`) === true) return [];
    const [leftVersion, rightVersion] = [scheme.parse(left), scheme.parse(right)];
    const known = leftVersion !== undefined && rightVersion !== undefined;
    const got = known ? Math.sign(scheme.compare(leftVersion, rightVersion)) : "no version";
    return got === expected ? [] : [`${left} ${right}: ${got}, not ${expected}`];
  });
}

// Real versions from the scheme's own vectors, made-up ones of the same parts, and either of them with one part changed.
function createPairs(scheme: string): readonly Pair[] {
  const random = createRandom(7);
  const pick = <Value>(list: readonly Value[]): Value => {
    const value = list[random(list.length)];
    if (value === undefined) throw new Error("nothing to pick from");
    return value;
  };
  const versions = readVersions(scheme);
  const parts = [...new Set(versions.flatMap((version) => version.match(/\d+|[A-Za-z]+|[^\dA-Za-z]+/g) ?? []))];
  const invent = () =>
    `${random(20)}.${random(20)}${scheme === "semver" || random(2) === 0 ? `.${random(20)}` : ""}${random(3) === 0 ? pick(parts) : ""}`;
  const mutate = (version: string): string => {
    const cut = version.match(/\d+|[A-Za-z]+|[^\dA-Za-z]+/g) ?? [version];
    const at = random(cut.length);
    const changes = [
      () => cut.with(at, pick(parts)),
      () => cut.toSpliced(at, 0, pick(parts)),
      () => cut.toSpliced(at, 1),
      () => cut.with(at, /^\d/.test(cut[at] ?? "") ? `0${cut[at]}` : String(random(3))),
    ];
    return pick(changes)().join("") || "1";
  };
  return Array.from({ length: pairsPerTool }, (): Pair => {
    const left = random(3) === 0 ? invent() : pick(versions);
    const right = random(4) === 0 ? pick(versions) : mutate(left);
    const start = scheme === "golang" ? "v" : "";
    return [start + (left.replace(/^v/, "") || "1"), start + (right.replace(/^v/, "") || "1")];
  });
}

function readVersions(scheme: string): readonly string[] {
  const folder = join(vectorFolder, scheme);
  const lines = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), "utf8").split("\n"));
  const cases = lines.filter((line) => line !== "" && !line.startsWith("//")).map((line) => line.split(" "));
  return [...new Set(cases.flatMap(([left = "", , right = ""]) => [left, right]))];
}

function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}
