import { compareDecimals, compareTexts } from "../decimal.ts";
import type { VersionScheme } from "../version-scheme.ts";

/** A version of a gem: its runs of digits and of letters, without the zeros that do not count. */
export type GemVersion = readonly string[];

/**
 * The order of RubyGems' Gem::Version: runs of digits and letters; a letter makes a prerelease; a hyphen reads as
 * `.pre.`; zeros at the end, and right before the first letter, do not count.
 *
 * @see https://docs.ruby-lang.org/en/master/Gem/Version.html
 */
export const gem: VersionScheme<GemVersion> = {
  id: "gem",
  parse(text: string): GemVersion | undefined {
    const version = text.trim();
    if (!/^\d+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/.test(version)) {
      // Gem::Version refuses such text; registries of old hold it all the same, so what can be read of it is ordered.
      if (!/^[0-9A-Za-z][0-9A-Za-z.+_-]*$/.test(version)) return undefined;
    }
    const runs = version.replaceAll("-", ".pre.").match(/\d+|[A-Za-z]+/g) ?? [];
    const firstLetters = runs.findIndex((run) => !isNumber(run));
    const numbers = firstLetters < 0 ? runs : runs.slice(0, firstLetters);
    return [...withoutTrailingZeros(numbers), ...withoutTrailingZeros(runs.slice(numbers.length))];
  },
  compare(left: GemVersion, right: GemVersion): number {
    const length = Math.max(left.length, right.length);
    for (let index = 0; index < length; index += 1) {
      const order = compareRuns(left[index] ?? "0", right[index] ?? "0");
      if (order !== 0) return order;
    }
    return 0;
  },
};

function withoutTrailingZeros(runs: readonly string[]): readonly string[] {
  const last = runs.findLastIndex((run) => !/^0+$/.test(run));
  return runs.slice(0, last + 1);
}

function compareRuns(left: string, right: string): number {
  if (isNumber(left) !== isNumber(right)) return isNumber(left) ? 1 : -1;
  return isNumber(left) ? compareDecimals(left, right) : compareTexts(left, right);
}

function isNumber(run: string): boolean {
  return run.charCodeAt(0) <= 57;
}
