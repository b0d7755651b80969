import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Pair } from "./version-oracles.ts";

const vectorFolder = join(import.meta.dirname, "../vectors/versions");

/**
 * Pairs of real versions from the scheme's own vectors, made-up ones of the same parts, and either of them with one part
 * changed. The same every time.
 */
export function createPairs(scheme: string, count: number): readonly Pair[] {
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
  return Array.from({ length: count }, (): Pair => {
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
