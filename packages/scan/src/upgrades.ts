import { type Finding, type FixState, severities, type Severity } from "@sc/model";
import { compareNaturally, compareTexts } from "./decimal.ts";
import { versionSchemes } from "./versions/index.ts";

/** What can be done about one version of one package, and the findings that it would settle. */
export interface Upgrade {
  readonly type: string;
  readonly name: string;
  readonly installed: string;
  /** The version that mends all of the findings; absent where none does. */
  readonly fixedIn?: string;
  /** Of the findings, where no version mends them. */
  readonly fixState: FixState;
  /** The gravest. */
  readonly severity: Severity;
  /** Gravest and most urgent first. Never empty. */
  readonly findings: readonly Finding[];
}

/**
 * The upgrades that findings call for: one for each version of a package, with what can be mended apart from what
 * cannot. Most urgent first: known to be exploited, then gravest, then likeliest to be exploited, then mendable.
 */
export function groupByUpgrade(findings: readonly Finding[]): readonly Upgrade[] {
  const groups = Map.groupBy(findings, ({ package: { type, name, version }, fixState }) =>
    [type, name, version, fixState].join("\0"),
  );
  return [...groups.values()].map(describeUpgrade).toSorted(compareUpgrades);
}

function describeUpgrade(group: readonly Finding[]): Upgrade {
  const unique = new Map(group.map((finding) => [finding.id, finding]));
  const findings = [...unique.values()].toSorted(compareFindings);
  const [first] = findings;
  if (first === undefined) throw new TypeError("a group of findings is never empty");
  const fixedIn = findLeastFix(findings);
  const { type, name, version } = first.package;
  const severity =
    severities[Math.max(...findings.map((finding) => severities.indexOf(finding.severity)))] ?? "unknown";
  return {
    type,
    name,
    installed: version,
    ...(fixedIn === undefined ? {} : { fixedIn }),
    fixState: first.fixState,
    severity,
    findings,
  };
}

// For each finding the lowest version that mends it will do; for all of them together the highest of those.
function findLeastFix(findings: readonly Finding[]): string | undefined {
  const id = findings[0]?.explanations[0]?.scheme;
  const scheme = versionSchemes.find((known) => known.id === id);
  const fixes = findings.flatMap(({ fixedIn }) => fixedIn[0] ?? []);
  return fixes
    .toSorted((left, right) => {
      const [leftVersion, rightVersion] = [scheme?.parse(left), scheme?.parse(right)];
      const known = scheme !== undefined && leftVersion !== undefined && rightVersion !== undefined;
      return known ? scheme.compare(leftVersion, rightVersion) : compareNaturally(left, right);
    })
    .at(-1);
}

/** The order of findings by urgency: known to be exploited, gravest, likeliest to be exploited, mendable, then by id. */
export function compareFindings(left: Finding, right: Finding): number {
  return (
    Number(right.knownExploited ?? false) - Number(left.knownExploited ?? false) ||
    severities.indexOf(right.severity) - severities.indexOf(left.severity) ||
    (right.epss ?? 0) - (left.epss ?? 0) ||
    Number(right.fixedIn.length > 0) - Number(left.fixedIn.length > 0) ||
    compareNaturally(left.id, right.id)
  );
}

function compareUpgrades(left: Upgrade, right: Upgrade): number {
  const [leftFirst, rightFirst] = [left.findings[0], right.findings[0]];
  if (leftFirst === undefined || rightFirst === undefined) return 0;
  const exploited = Number(rightFirst.knownExploited ?? false) - Number(leftFirst.knownExploited ?? false);
  const graver = severities.indexOf(right.severity) - severities.indexOf(left.severity);
  const byUrgency = exploited || graver || (rightFirst.epss ?? 0) - (leftFirst.epss ?? 0);
  const byFix = Number(right.fixedIn !== undefined) - Number(left.fixedIn !== undefined);
  return byUrgency || byFix || compareTexts(left.name, right.name) || compareTexts(left.installed, right.installed);
}
