import { compareDecimals, compareNaturally, compareTexts } from "../decimal.ts";
import type { VersionScheme } from "../version-scheme.ts";

/** A version of an Alpine package, taken apart. */
export interface ApkVersion {
  readonly numbers: readonly string[];
  readonly letter: string;
  readonly suffixes: readonly ApkSuffix[];
  /** Of the commit it was built from; empty where there is none. */
  readonly hash: string;
  readonly build: string | undefined;
  /** What the grammar leaves over, and whether that stands where a build number would, or behind one. */
  readonly rest: string;
  readonly restAtBuild: boolean;
}

interface ApkSuffix {
  readonly weight: number;
  readonly number: string;
}

const suffixes = ["alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"];
// Made once: five patterns for each of a list's 100,000 versions cost more than what they find.
const grammar = {
  numbers: /\d+(?:\.\d+)*/y,
  letter: /[a-z]/y,
  suffixes: /(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*(?![a-z]))+/y,
  hash: /~[0-9a-f]+/y,
  build: /-r\d*(?![a-z])/y,
} as const;
const noSuffix: ApkSuffix = { weight: suffixes.indexOf(""), number: "" };

/**
 * The order of apk: `number{.number}[a-z]{_suffix[number]}{~hash}[-rN]`. A number after the first that begins with
 * zero is compared as a fraction, and hashes as texts, above no hash. Old packages whose version breaks the grammar are
 * ordered by as much of it as they follow, then below it by the rest.
 *
 * @see apk-package(5)
 */
export const apk: VersionScheme<ApkVersion> = {
  id: "apk",
  parse(text: string): ApkVersion | undefined {
    if (text === "" || /\s/.test(text)) return undefined;
    const numbers = take(grammar.numbers, text, 0);
    const letter = take(grammar.letter, text, numbers.length);
    const suffixStart = numbers.length + letter.length;
    const suffixText = take(grammar.suffixes, text, suffixStart);
    const hashStart = suffixStart + suffixText.length;
    const buildStart = hashStart + take(grammar.hash, text, hashStart).length;
    const build = take(grammar.build, text, buildStart);
    const rest = text.slice(buildStart + build.length);
    return {
      numbers: numbers === "" ? [] : numbers.split("."),
      letter,
      suffixes: parseSuffixes(suffixText),
      hash: text.slice(hashStart + 1, buildStart),
      build: build === "" ? undefined : build.slice(2),
      rest,
      restAtBuild: build !== "" || rest.startsWith("-"),
    };
  },
  compare(left: ApkVersion, right: ApkVersion): number {
    return (
      compareNumbers(left.numbers, right.numbers) ||
      compareTexts(left.letter, right.letter) ||
      compareSuffixes(left.suffixes, right.suffixes) ||
      compareTexts(left.hash, right.hash) ||
      compareBuilds(left.build, right.build) ||
      compareRests(left, right)
    );
  },
};

function take(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

function parseSuffixes(text: string): readonly ApkSuffix[] {
  if (text === "") return [];
  return Array.from(text.matchAll(/_([a-z]+)(\d*)/g), ([, name = "", number = ""]) => ({
    weight: suffixes.indexOf(name),
    number,
  }));
}

function compareNumbers(left: readonly string[], right: readonly string[]): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const order = compareComponents(left[index] ?? "", right[index] ?? "", index === 0);
    if (order !== 0) return order;
  }
  return Math.sign(left.length - right.length);
}

function compareComponents(left: string, right: string, isFirst: boolean): number {
  if (!isFirst && (left.startsWith("0") || right.startsWith("0"))) return compareTexts(left, right);
  return compareDecimals(left, right);
}

function compareSuffixes(left: readonly ApkSuffix[], right: readonly ApkSuffix[]): number {
  const length = Math.max(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const leftSuffix = left[index] ?? noSuffix;
    const rightSuffix = right[index] ?? noSuffix;
    const order =
      leftSuffix.weight - rightSuffix.weight ||
      rankNumber(leftSuffix, left[index + 1]) - rankNumber(rightSuffix, right[index + 1]) ||
      compareDecimals(leftSuffix.number, rightSuffix.number);
    if (order !== 0) return Math.sign(order);
  }
  return 0;
}

// Below any number stand its absence and a suffix before a release; above any, a suffix after one: `_p_alpha` < `_p` <
// `_p0` < `_p_git`.
function rankNumber({ number }: ApkSuffix, next: ApkSuffix | undefined): number {
  if (number !== "") return 1;
  return next !== undefined && next.weight > noSuffix.weight ? 2 : 0;
}

// A version without a build number is lower than its build 0, so that an advisory may name all builds.
function compareBuilds(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  return compareDecimals(left, right);
}

// What the grammar cannot read makes a version lower than the same without; from the build number on it has no order.
function compareRests(left: ApkVersion, right: ApkVersion): number {
  const leftRank = rankRest(left);
  const rightRank = rankRest(right);
  if (leftRank !== rightRank || leftRank !== 0) return Math.sign(leftRank - rightRank);
  return compareNaturally(left.rest, right.rest);
}

function rankRest(version: ApkVersion): number {
  if (version.rest === "") return 2;
  return version.restAtBuild ? 1 : 0;
}
