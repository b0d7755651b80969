import { compareDecimals, compareTexts } from "../decimal.ts";
import type { VersionScheme } from "../version-scheme.ts";

const before = ["dev", "snapshot", "alpha", "a", "beta", "b", "pre", "preview", "milestone", "m", "rc", "cr"];

/**
 * An order for software that has none of its own: runs of digits by value, words that mark a version before its
 * release below the end, other words above it, digits above words. A single letter right behind a number, and nothing
 * behind it, is no such mark: `1.0.2m` is above `1.0.2`. Zeros before a mark do not count: `1.20rc1` is `1.20.0-rc1`.
 */
export const generic: VersionScheme<readonly string[]> = {
  id: "generic",
  parse(text: string): readonly string[] | undefined {
    if (!/\d/.test(text)) return undefined;
    const version = text
      .trim()
      .toLowerCase()
      .replace(/^v(?=\d)/, "");
    const runs = Array.from(version.matchAll(/(?<=\d)([a-z])(?![a-z\d])|\d+|[a-z]+/g), ([run, letter]) =>
      letter === undefined ? run : `.${letter}`,
    );
    return withoutZerosBeforeMarks(runs);
  },
  compare(left: readonly string[], right: readonly string[]): number {
    const length = Math.max(left.length, right.length);
    for (let index = 0; index < length; index += 1) {
      const [leftRun, rightRun] = [left[index], right[index]];
      const order = weigh(leftRun) - weigh(rightRun) || compareRuns(leftRun ?? "", rightRun ?? "");
      if (order !== 0) return Math.sign(order);
    }
    return 0;
  },
};

function withoutZerosBeforeMarks(runs: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const run of runs.toReversed()) {
    if (!/^0+$/.test(run) || !before.includes(kept.at(-1) ?? "")) kept.push(run);
  }
  return kept.toReversed();
}

// A zero at the end weighs what the end weighs, so that 1.0 and 1.0.0 are the same version.
function weigh(run: string | undefined): number {
  if (run === undefined || /^0+$/.test(run)) return 1;
  if (/^\d/.test(run)) return 3;
  return before.includes(run) ? 0 : 2;
}

function compareRuns(left: string, right: string): number {
  if (/^\d+$/.test(left) && /^\d+$/.test(right)) return compareDecimals(left, right);
  if (/^0*$/.test(left) && /^0*$/.test(right)) return 0;
  const [leftRank, rightRank] = [before.indexOf(left), before.indexOf(right)];
  return leftRank >= 0 && rightRank >= 0 ? leftRank - rightRank : compareTexts(left, right);
}
