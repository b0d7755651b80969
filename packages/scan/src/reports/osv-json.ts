import type { Finding } from "@sc/model";
import type { ReportFormat, ScanReport } from "../report.ts";
import { describeVulnerability, jsonText, normalTime, referencesOf, scoreOf, titleOf } from "../report-parts/facts.ts";

/** The report as OSV-Scanner writes it, so that whatever reads OSV-Scanner's reads this. What does not count is left out. */
export const osvJson: ReportFormat = {
  id: "osv-json",
  title: "as OSV-Scanner writes it, for its importers",
  mediaType: "application/json",
  render(report: ScanReport): string {
    const counted = report.findings.filter(({ suppressed }) => suppressed === undefined);
    const sources = Map.groupBy(counted, ({ package: { locations } }) => locations[0]?.path ?? "");
    return jsonText({
      results: [...sources].map(([path, findings]) => ({
        source: { path: `${report.subject.name}:/${path}`, type: report.subject.type === "image" ? "docker" : "sbom" },
        packages: [...Map.groupBy(findings, ({ package: { id } }) => id).values()].flatMap(describePackage),
      })),
      experimental_config: { licenses: { summary: false, allowlist: null } },
    });
  },
};

function describePackage(findings: readonly Finding[]): readonly object[] {
  const [first] = findings;
  if (first === undefined) return [];
  const { name, version } = first.package;
  const ecosystem = first.explanations[0]?.ecosystem ?? "";
  return [
    {
      package: { name, version, ecosystem },
      vulnerabilities: findings.map((finding) => describeRecord(finding, ecosystem)),
      groups: findings.map((finding) => ({
        ids: [finding.id],
        aliases: [finding.id, ...finding.aliases].toSorted(),
        max_severity: String(scoreOf(finding) ?? ""),
      })),
    },
  ];
}

function describeRecord(finding: Finding, ecosystem: string): object {
  const { id, aliases, package: found, fixedIn, ratings } = finding;
  const published = normalTime(finding.published);
  const severity = ratings.flatMap(({ method, vector }) => {
    if (vector === undefined) return [];
    if (method === "CVSSv2") return [{ type: "CVSS_V2", score: vector }];
    return [{ type: method === "CVSSv4" ? "CVSS_V4" : "CVSS_V3", score: vector }];
  });
  return {
    modified: normalTime(finding.modified) ?? published ?? "1970-01-01T00:00:00Z",
    ...(published === undefined ? {} : { published }),
    schema_version: "1.6.0",
    id,
    aliases,
    summary: titleOf(finding),
    details: describeVulnerability(finding),
    affected: [
      {
        package: { ecosystem, name: found.name, purl: found.purl.split(/[@?#]/, 1)[0] ?? "" },
        ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, ...fixedIn.map((fixed) => ({ fixed }))] }],
      },
    ],
    references: referencesOf(finding).map((url) => ({ type: "WEB", url })),
    ...(severity.length === 0 ? {} : { severity }),
    database_specific: { severity: finding.severity.toUpperCase() },
  };
}
