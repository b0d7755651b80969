import { compareDecimals } from "../decimal.ts";
import type { VersionScheme } from "../version-scheme.ts";

/** A version of a Composer package: its runs of digits and of other characters. */
export type ComposerVersion = readonly string[];

// In the order of PHP's own table, which is searched by prefix and regards case: "ALPHA" is an unknown word.
const forms: readonly (readonly [prefix: string, order: number])[] = [
  ["dev", 0],
  ["alpha", 1],
  ["a", 1],
  ["beta", 2],
  ["b", 2],
  ["RC", 3],
  ["rc", 3],
  ["#", 4],
  ["pl", 5],
  ["p", 5],
];
const numberOrder = 4;
const unknownOrder = -1;

/**
 * The order of Packagist: PHP's `version_compare` on the text without a leading `v`. Branches (`dev-main`) are below
 * every number.
 *
 * @see https://www.php.net/manual/en/function.version-compare.php
 */
export const composer: VersionScheme<ComposerVersion> = {
  id: "composer",
  parse(text: string): ComposerVersion | undefined {
    const version = text.trim();
    if (version === "" || /\s/.test(version)) return undefined;
    return version.replace(/^v(?=\d)/i, "").match(/\d+|[^\d._+-]+/g) ?? undefined;
  },
  compare(left: ComposerVersion, right: ComposerVersion): number {
    const length = Math.max(left.length, right.length);
    for (let index = 0; index < length; index += 1) {
      const order = compareRuns(left[index], right[index]);
      if (order !== 0) return order;
    }
    return 0;
  },
};

// Past the end of one side a number wins; a word is weighed against a number, and one that weighs the same goes on.
function compareRuns(left: string | undefined, right: string | undefined): number {
  if (left === undefined) return right === undefined ? 0 : -compareToEnd(right);
  if (right === undefined) return compareToEnd(left);
  if (isNumber(left) && isNumber(right)) return compareDecimals(left, right);
  return Math.sign(orderOf(left) - orderOf(right));
}

function compareToEnd(run: string): number {
  return isNumber(run) ? 1 : Math.sign(orderOf(run) - numberOrder);
}

function orderOf(run: string): number {
  if (isNumber(run)) return numberOrder;
  return forms.find(([prefix]) => run.startsWith(prefix))?.[1] ?? unknownOrder;
}

function isNumber(run: string): boolean {
  const code = run.charCodeAt(0);
  return code >= 48 && code <= 57;
}
