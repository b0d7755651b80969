import { type Finding, severities, type Severity } from "@sc/model";
import { jsonText } from "../report-parts/facts.ts";
import type { ReportFormat, ScanReport } from "../report.ts";
import { type ScannerFacts, scannerNames } from "../scanners.ts";

/** The report for machines. Within one number of its schema members are only added, never changed or taken away. */
export const json: ReportFormat = {
  id: "json",
  title: "everything, for machines",
  mediaType: "application/json",
  render(report: ScanReport): string {
    return jsonText(describeReport(report));
  },
};

/** The report as one plain object: what the `json` report is the text of. */
export function describeReport(report: ScanReport): object {
  const { sc, subject, distribution, packages, layers, database, coverage, findings } = report;
  return {
    schema: "urn:sc:scan-report:1",
    sc,
    outcome: report.verdict?.outcome ?? "pass",
    subject,
    distribution,
    ...(report.endOfLife === undefined ? {} : { endOfLife: report.endOfLife }),
    layers,
    packages,
    database,
    coverage,
    summary: summarize(findings),
    ...(report.comparisons === undefined ? {} : { comparisons: report.comparisons }),
    policy: report.policy,
    verdict: report.verdict,
    ...(report.scanners === undefined ? {} : describeAsked(report.scanners)),
    findings,
    problems: report.problems,
    incomplete: report.incomplete,
  };
}

function describeAsked(scanners: readonly ScannerFacts[]): object {
  const names = scanners.map(({ name }) => name);
  const asked = names.length === scannerNames.length ? "all" : names.join(",");
  return { scanner: { asked, servedBy: "sc" }, scanners };
}

interface Summary {
  /** Findings that count, by severity, gravest first. */
  readonly findings: Readonly<Partial<Record<Severity, number>>>;
  readonly fixable: number;
  readonly suppressed: number;
}

function summarize(findings: readonly Finding[]): Summary {
  const counted = findings.filter(({ suppressed }) => suppressed === undefined);
  const bySeverity: Partial<Record<Severity, number>> = {};
  for (const severity of severities.toReversed()) {
    bySeverity[severity] = counted.filter((finding) => finding.severity === severity).length;
  }
  return {
    findings: bySeverity,
    fixable: counted.filter(({ fixedIn }) => fixedIn.length > 0).length,
    suppressed: findings.length - counted.length,
  };
}
