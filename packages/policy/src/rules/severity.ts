import { formatCount, type Finding, isAtLeast, type Severity, type Violation } from "@sc/model";
import type { PolicyInput, Rule, RuleKind, RuleResult } from "../rule.ts";

/** From which severity on findings block or are told. Without either nothing does. */
export interface SeveritySettings {
  readonly failOn?: Severity;
  readonly warnOn?: Severity;
  /** Counts only what an upgrade would mend. */
  readonly onlyFixed?: boolean;
  /** Blocks also when packages could not be compared, so that it is not known whether they are vulnerable. */
  readonly failOnUnknown?: boolean;
}

const id = "severity";

/**
 * Blocks findings at or above a severity. Of a finding of unknown severity nobody knows which thresholds it reaches: it
 * counts at the lowest, `low`, which whatever rates it at all would reach, and is a warning above that. That nothing was
 * compared at all is a warning, too.
 */
export const severity: RuleKind<SeveritySettings> = {
  id,
  title: "no findings at or above a severity",
  configure: (settings: SeveritySettings): Rule => ({
    id,
    evaluate: (input: PolicyInput): RuleResult => judgeSeverities(input, settings),
  }),
};

function judgeSeverities({ findings, coverage }: PolicyInput, settings: SeveritySettings): RuleResult {
  const { failOn, warnOn, onlyFixed = false, failOnUnknown = false } = settings;
  if (findings === undefined) return { violations: [say("there is no scan to judge")], warnings: [] };
  const counted = findings.filter(
    ({ suppressed, fixedIn }) => suppressed === undefined && (!onlyFixed || fixedIn.length > 0),
  );
  const doubts = describeDoubts(counted, coverage, failOn);
  const passed = counted.filter((finding) => failOn === undefined || !reaches(finding, failOn));
  return {
    violations: [...countAtLeast(counted, failOn), ...(failOnUnknown ? doubts.gaps : [])],
    warnings: [...countAtLeast(passed, warnOn), ...(failOnUnknown ? [] : doubts.empty), ...doubts.unrated],
  };
}

function countAtLeast(findings: readonly Finding[], threshold: Severity | undefined): readonly Violation[] {
  if (threshold === undefined) return [];
  const reaching = findings.filter((finding) => reaches(finding, threshold));
  const unrated = threshold === "unknown" ? 0 : countUnrated(reaching);
  const rest = unrated === 0 ? "" : `, ${unrated} of unknown severity`;
  return reaching.length === 0
    ? []
    : [say(`${formatCount(reaching.length, "finding")} at or above ${threshold}${rest}`)];
}

function reaches({ severity: own }: Finding, threshold: Severity): boolean {
  return isAtLeast(own, threshold) || (own === "unknown" && threshold === "low");
}

function countUnrated(findings: readonly Finding[]): number {
  return findings.filter((finding) => finding.severity === "unknown").length;
}

interface Doubts {
  /** That some packages were not compared. */
  readonly gaps: readonly Violation[];
  /** That none was, though there are some. */
  readonly empty: readonly Violation[];
  readonly unrated: readonly Violation[];
}

function describeDoubts(
  counted: readonly Finding[],
  coverage: PolicyInput["coverage"],
  failOn: Severity | undefined,
): Doubts {
  const { compared = 0, uncompared = 0 } = coverage ?? {};
  const unrated = countUnrated(counted);
  const isRated = failOn === undefined || failOn === "low" || isAtLeast("unknown", failOn);
  const packages = `${uncompared} package${uncompared === 1 ? " was" : "s were"} not compared with any advisory`;
  return {
    gaps: uncompared === 0 ? [] : [say(packages)],
    empty: uncompared === 0 || compared > 0 ? [] : [say(packages)],
    unrated:
      isRated || unrated === 0 ? [] : [say(`${formatCount(unrated, "finding")} of unknown severity: not judged`)],
  };
}

function say(message: string): Violation {
  return { rule: id, message };
}
