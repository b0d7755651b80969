import { compareDecimals, compareNaturally, compareTexts } from "../decimal.ts";
import type { VersionScheme } from "../version-scheme.ts";

/** A version of an Alpine package, taken apart. */
export interface ApkVersion {
  readonly numbers: readonly string[];
  readonly letter: string;
  readonly suffixes: readonly ApkSuffix[];
  readonly build: string | undefined;
  /** What the grammar leaves over, and whether that came before or after where the build number stands. */
  readonly rest: string;
  readonly restAfterBuild: boolean;
}

interface ApkSuffix {
  readonly weight: number;
  readonly number: string;
}

const suffixes = ["alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"];
const noSuffix: ApkSuffix = { weight: suffixes.indexOf(""), number: "" };

/**
 * The order of apk: `number{.number}[a-z]{_suffix[number]}{~hash}[-rN]`. A number after the first that begins with
 * zero is compared as a fraction. Old packages whose version breaks the grammar are ordered by as much of it as they
 * follow, then below it by the rest; the commit hash has no order.
 *
 * @see apk-package(5)
 */
export const apk: VersionScheme<ApkVersion> = {
  id: "apk",
  parse(text: string): ApkVersion | undefined {
    if (text === "" || /\s/.test(text)) return undefined;
    const numbers = take(/\d+(?:\.\d+)*/y, text, 0);
    const letter = take(/[a-z]/y, text, numbers.length);
    const suffixStart = numbers.length + letter.length;
    const suffixText = take(/(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*(?![a-z]))+/y, text, suffixStart);
    const hashStart = suffixStart + suffixText.length;
    const buildStart = hashStart + take(/~[0-9a-f]+/y, text, hashStart).length;
    const build = take(/-r\d*(?![a-z])/y, text, buildStart);
    return {
      numbers: numbers === "" ? [] : numbers.split("."),
      letter,
      suffixes: parseSuffixes(suffixText),
      build: build === "" ? undefined : build.slice(2),
      rest: text.slice(buildStart + build.length),
      restAfterBuild: build !== "",
    };
  },
  compare(left: ApkVersion, right: ApkVersion): number {
    return (
      compareNumbers(left.numbers, right.numbers) ||
      compareTexts(left.letter, right.letter) ||
      compareSuffixes(left.suffixes, right.suffixes) ||
      compareBuilds(left.build, right.build) ||
      compareRests(left, right)
    );
  },
};

function take(pattern: RegExp, text: string, at: number): string {
  const sticky = new RegExp(pattern);
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0] ?? "";
}

function parseSuffixes(text: string): readonly ApkSuffix[] {
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
    const order = leftSuffix.weight - rightSuffix.weight || compareDecimals(leftSuffix.number, rightSuffix.number);
    if (order !== 0) return Math.sign(order);
  }
  return 0;
}

// A version without a build number is lower than its build 0, so that an advisory may name all builds.
function compareBuilds(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  return compareDecimals(left, right);
}

// What the grammar cannot read makes a version lower than the same without; after the build number it has no order.
function compareRests(left: ApkVersion, right: ApkVersion): number {
  const leftRank = rankRest(left);
  const rightRank = rankRest(right);
  if (leftRank !== rightRank || leftRank !== 0) return Math.sign(leftRank - rightRank);
  return compareNaturally(left.rest, right.rest);
}

function rankRest(version: ApkVersion): number {
  if (version.rest === "") return 2;
  return version.restAfterBuild ? 1 : 0;
}
