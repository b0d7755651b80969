import { compareDecimals, compareTexts } from "../decimal.ts";
import type { VersionScheme } from "../version-scheme.ts";

/** A version of an Arch Linux package, taken apart. */
export interface AlpmVersion {
  readonly epoch: string;
  readonly version: string;
  readonly release: string | undefined;
}

/**
 * The order of pacman: `[epoch:]version[-pkgrel]`. Letters right behind a digit make a version lower (`1.0rc < 1.0`),
 * behind a separator higher (`1.0 < 1.0.a`).
 *
 * pacman ignores the release where one side has none; here that side is lower, so that the order is total.
 *
 * @see vercmp(8)
 */
export const alpm: VersionScheme<AlpmVersion> = {
  id: "alpm",
  parse(text: string): AlpmVersion | undefined {
    if (text === "" || /\s/.test(text)) return undefined;
    const colon = /^\d+:/.exec(text)?.[0].length ?? 0;
    const rest = text.slice(colon);
    const dash = rest.lastIndexOf("-");
    return {
      epoch: colon === 0 ? "0" : text.slice(0, colon - 1),
      version: dash < 0 ? rest : rest.slice(0, dash),
      release: dash < 0 ? undefined : rest.slice(dash + 1),
    };
  },
  compare(left: AlpmVersion, right: AlpmVersion): number {
    return (
      compareDecimals(left.epoch, right.epoch) ||
      compareParts(left.version, right.version) ||
      compareReleases(left.release, right.release)
    );
  },
};

function compareReleases(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  return compareParts(left, right);
}

interface Run {
  /** How many separators stand before it. */
  readonly separators: number;
  readonly text: string;
}

function compareParts(left: string, right: string): number {
  const leftRuns = runsOf(left);
  const rightRuns = runsOf(right);
  for (let index = 0; ; index += 1) {
    const [leftRun, rightRun] = [leftRuns[index], rightRuns[index]];
    if (leftRun === undefined && rightRun === undefined) return 0;
    if (leftRun === undefined || rightRun === undefined) return endOrder(leftRun, rightRun);
    const order = compareRuns(leftRun, rightRun);
    if (order !== 0) return order;
  }
}

function runsOf(text: string): readonly Run[] {
  const runs: Run[] = [];
  let separators = 0;
  // One alternative a step, so that a text of nothing but separators is still read in one pass.
  for (const [token] of text.matchAll(/\d+|[A-Za-z]+|[^0-9A-Za-z]+/g)) {
    if (/^[0-9A-Za-z]/.test(token)) {
      runs.push({ separators, text: token });
      separators = 0;
    } else {
      separators = token.length;
    }
  }
  return runs;
}

// Letters that go on without a separator never beat the end: they mark what comes before a release.
function endOrder(left: Run | undefined, right: Run | undefined): number {
  const longer = left ?? right;
  const wins = longer !== undefined && (longer.separators > 0 || isNumber(longer.text)) ? 1 : -1;
  return left === undefined ? -wins : wins;
}

function compareRuns(left: Run, right: Run): number {
  if (left.separators !== right.separators) return Math.sign(left.separators - right.separators);
  if (isNumber(left.text) !== isNumber(right.text)) return isNumber(left.text) ? 1 : -1;
  return isNumber(left.text) ? compareDecimals(left.text, right.text) : compareTexts(left.text, right.text);
}

function isNumber(text: string): boolean {
  return /^\d/.test(text);
}
