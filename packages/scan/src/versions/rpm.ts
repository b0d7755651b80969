import { compareDecimals, compareTexts } from "../decimal.ts";
import type { VersionScheme } from "../version-scheme.ts";

/** A version of an rpm package, taken apart. */
export interface RpmVersion {
  readonly epoch: string;
  readonly version: string;
  /** Absent where the text has no release: then it is lower than the same version with any release. */
  readonly release: string | undefined;
}

/**
 * The order of rpm: `[epoch:]version[-release]`, each by runs of digits and letters; `~` sorts below everything, even
 * the end, and `^` above the end but below everything else.
 *
 * @see https://rpm-software-management.github.io/rpm/man/rpm-version.7
 */
export const rpm: VersionScheme<RpmVersion> = {
  id: "rpm",
  parse(text: string): RpmVersion | undefined {
    if (text === "" || /\s/.test(text)) return undefined;
    // What stands before a colon is an epoch only if it is a number; elsewhere a colon separates as other signs do.
    const [prefix = "", epoch = ""] = /^(\d*):/.exec(text) ?? [];
    const rest = text.slice(prefix.length);
    const dash = rest.lastIndexOf("-");
    return {
      epoch: epoch === "" ? "0" : epoch,
      version: dash < 0 ? rest : rest.slice(0, dash),
      release: dash < 0 ? undefined : rest.slice(dash + 1),
    };
  },
  compare(left: RpmVersion, right: RpmVersion): number {
    return (
      compareRpmParts(left.epoch, right.epoch) ||
      compareRpmParts(left.version, right.version) ||
      compareReleases(left.release, right.release)
    );
  },
};

function compareReleases(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  return compareRpmParts(left, right);
}

/** The order of one part of a version, as rpm's own `rpmvercmp` has it. */
export function compareRpmParts(left: string, right: string): number {
  const leftRuns = runsOf(left);
  const rightRuns = runsOf(right);
  const length = Math.max(leftRuns.length, rightRuns.length);
  for (let index = 0; index < length; index += 1) {
    const order = compareRuns(leftRuns[index], rightRuns[index]);
    if (order !== 0) return order;
  }
  return 0;
}

// Only digits, letters, "~" and "^" count; everything between them merely separates.
function runsOf(text: string): readonly string[] {
  return text.match(/\d+|[A-Za-z]+|[~^]/g) ?? [];
}

// The weight of what stands at a place: "~" is lower than the end, the end lower than "^", then letters, then digits.
function weigh(run: string | undefined): number {
  if (run === undefined) return 1;
  if (run === "~") return 0;
  if (run === "^") return 2;
  return /^\d/.test(run) ? 4 : 3;
}

function compareRuns(left: string | undefined, right: string | undefined): number {
  const order = weigh(left) - weigh(right);
  if (order !== 0 || left === undefined || right === undefined) return Math.sign(order);
  return weigh(left) === 4 ? compareDecimals(left, right) : compareTexts(left, right);
}
