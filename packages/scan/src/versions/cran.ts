import { compareDecimals } from "../decimal.ts";
import type { VersionScheme } from "../version-scheme.ts";

/**
 * The order of CRAN: numbers separated by dots or hyphens; where all are equal the longer version is higher.
 *
 * @see https://stat.ethz.ch/R-manual/R-devel/library/base/html/numeric_version.html
 */
export const cran: VersionScheme<readonly string[]> = {
  id: "cran",
  parse(text: string): readonly string[] | undefined {
    return /^\d+(?:[.-]\d+)*$/.test(text) ? text.split(/[.-]/) : undefined;
  },
  compare: compareNumberLists,
};

/** The order of two lists of numbers by their first difference; of a list and its beginning, the longer is higher. */
export function compareNumberLists(left: readonly string[], right: readonly string[]): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const order = compareDecimals(left[index] ?? "", right[index] ?? "");
    if (order !== 0) return order;
  }
  return Math.sign(left.length - right.length);
}
