import type { Finding, Severity } from "@sc/model";
import { describeEndOfLife } from "../end-of-life.ts";
import type { ReportFormat, ScanReport } from "../report.ts";
import { escapeLines } from "../report-parts/escape.ts";
import {
  adviseFix,
  advisoryUrl,
  describeVulnerability,
  jsonText,
  referencesOf,
  stableName,
  stableUuid,
  timeOf,
  titleOf,
} from "../report-parts/facts.ts";

const names: Readonly<Record<Severity, string>> = {
  critical: "Critical",
  high: "High",
  medium: "Medium",
  low: "Low",
  none: "Info",
  unknown: "Unknown",
};

// GitLab refuses a whole report for one value that its schema does not allow.
const maxVectorLength = 128;

/**
 * GitLab's `gl-container-scanning-report.json`, schema 15.0.7. What does not count is left out: GitLab has no state for
 * it in a report.
 *
 * @see https://docs.gitlab.com/user/application_security/container_scanning/
 */
export const gitlab: ReportFormat = {
  id: "gitlab",
  title: "GitLab's container scanning report",
  mediaType: "application/json",
  render(report: ScanReport): string {
    const { sc, coverage, findings, endOfLife } = report;
    const tool = { id: "sc", name: "sc", version: sc, vendor: { name: "sc" } };
    const time = timeOf(report).replace(/(\.\d+)?Z$/, "");
    const gaps = coverage.gaps.map(({ packages, type, reason }) => ({
      level: "warn",
      value: escapeLines(`${packages} packages of type ${type} were not compared: ${reason}`),
    }));
    const ended = endOfLife === undefined ? [] : [{ level: "warn", value: escapeLines(describeEndOfLife(endOfLife)) }];
    const messages = [...gaps, ...ended];
    return jsonText({
      version: "15.0.7",
      scan: {
        analyzer: tool,
        scanner: tool,
        type: "container_scanning",
        status: "success",
        start_time: time,
        end_time: time,
        ...(messages.length === 0 ? {} : { messages }),
      },
      vulnerabilities: findings
        .filter(({ suppressed }) => suppressed === undefined)
        .map((finding) => describeVulnerable(finding, report)),
    });
  },
};

function describeVulnerable(finding: Finding, report: ScanReport): object {
  const { id, aliases, package: found, severity, fixedIn } = finding;
  const { distribution, subject } = report;
  const system = distribution === undefined ? "" : [distribution.id, distribution.versionId].join(" ").trim();
  const vectors = finding.ratings.flatMap(({ vector, method, source }) =>
    vector === undefined || method === "CVSSv4" || vector.length > maxVectorLength
      ? []
      : [{ vendor: source === "" ? "unknown" : source, vector }],
  );
  return {
    id: stableUuid(stableName(report), id, found.id),
    name: titleOf(finding).slice(0, 255).toWellFormed(),
    description: describeVulnerability(finding),
    severity: names[severity],
    ...(fixedIn.length === 0 ? {} : { solution: escapeLines(adviseFix(finding)).slice(0, 7000).toWellFormed() }),
    identifiers: [id, ...aliases].slice(0, 20).map(describeIdentifier),
    links: referencesOf(finding).map((url) => ({ url })),
    ...(vectors.length === 0 ? {} : { cvss_vectors: vectors.slice(0, 10) }),
    location: {
      dependency: { package: { name: escapeLines(found.name) }, version: escapeLines(found.version) },
      operating_system: system === "" ? "unknown" : escapeLines(system),
      image: subject.name === "" ? "unknown" : escapeLines(subject.name),
    },
  };
}

function describeIdentifier(id: string): object {
  const type = /^([A-Za-z]+)-/.exec(id)?.[1]?.toLowerCase() ?? "osv";
  const name = escapeLines(id);
  return { type, name, value: name, url: advisoryUrl(id) };
}
