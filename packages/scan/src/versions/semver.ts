import { compareDecimals, compareTexts } from "../decimal.ts";
import type { VersionScheme } from "../version-scheme.ts";

/** A version by Semantic Versioning, taken apart. */
export interface SemVer {
  readonly numbers: readonly string[];
  readonly prerelease: readonly string[];
}

const grammar = /^[vV=\s]*(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]*)?\s*$/;

/**
 * Semantic Versioning 2.0.0 for npm and its like. More is read than the standard allows, since advisories write it: a
 * leading `v`, fewer than three numbers (the missing are 0) and more than three.
 *
 * @see https://semver.org/#spec-item-11
 */
export const semver: VersionScheme<SemVer> = {
  id: "semver",
  parse(text: string): SemVer | undefined {
    const match = grammar.exec(text);
    if (match?.[1] === undefined) return undefined;
    return { numbers: match[1].split("."), prerelease: match[2] === undefined ? [] : match[2].split(".") };
  },
  compare(left: SemVer, right: SemVer): number {
    const length = Math.max(left.numbers.length, right.numbers.length);
    for (let index = 0; index < length; index += 1) {
      const order = compareDecimals(left.numbers[index] ?? "", right.numbers[index] ?? "");
      if (order !== 0) return order;
    }
    return comparePrereleases(left.prerelease, right.prerelease);
  },
};

/** The order of two lists of identifiers; the empty list, a release, is above every other. */
export function comparePrereleases(left: readonly string[], right: readonly string[]): number {
  if (left.length === 0 || right.length === 0) return Math.sign(right.length - left.length);
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const order = compareIdentifiers(left[index] ?? "", right[index] ?? "");
    if (order !== 0) return order;
  }
  return Math.sign(left.length - right.length);
}

function compareIdentifiers(left: string, right: string): number {
  const leftNumeric = /^\d+$/.test(left);
  const rightNumeric = /^\d+$/.test(right);
  if (leftNumeric && rightNumeric) return compareDecimals(left, right);
  if (leftNumeric !== rightNumeric) return leftNumeric ? -1 : 1;
  return compareTexts(left, right);
}
