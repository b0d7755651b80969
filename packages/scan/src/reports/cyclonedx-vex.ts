import type { Finding, FindingPackage, Rating, Suppression } from "@sc/model";
import type { ReportFormat, ScanReport } from "../report.ts";
import { escapeLines } from "../report-parts/escape.ts";
import {
  adviseFix,
  advisoryUrl,
  describeVulnerability,
  imagePurl,
  isUnaffected,
  jsonText,
  normalTime,
  referencesOf,
  stableUuid,
  timeOf,
} from "../report-parts/facts.ts";

/**
 * CycloneDX 1.6 with what is vulnerable: the image, its vulnerable packages, and each vulnerability with an analysis
 * where it does not count.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export const cyclonedxVex: ReportFormat = {
  id: "cyclonedx-vex",
  title: "CycloneDX 1.6 with vulnerabilities",
  mediaType: "application/vnd.cyclonedx+json; version=1.6",
  render(report: ScanReport): string {
    const { subject, sc, findings, database } = report;
    const purl = imagePurl(report);
    const packages = new Map(findings.map((finding) => [finding.package.id, finding.package]));
    const groups = Map.groupBy(findings, (finding) => JSON.stringify([finding.id, finding.suppressed]));
    return jsonText({
      $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      serialNumber: `urn:uuid:${stableUuid(subject.digest ?? subject.name, database.digest, timeOf(report))}`,
      version: 1,
      metadata: {
        timestamp: timeOf(report),
        tools: { components: [{ type: "application", name: "sc", version: sc }] },
        component: {
          type: subject.type === "image" ? "container" : "application",
          "bom-ref": "subject",
          name: subject.name,
          ...(subject.digest === undefined ? {} : { version: subject.digest }),
          ...(purl === undefined ? {} : { purl }),
        },
      },
      components: [...packages.values()].map(describeComponent),
      vulnerabilities: [...groups.values()].flatMap(describeGroup),
    });
  },
};

function describeComponent({ id, name, version, purl, locations }: FindingPackage): object {
  return {
    type: "library",
    "bom-ref": id,
    name,
    version,
    purl,
    ...(locations.length === 0 ? {} : { evidence: { occurrences: locations.map(({ path }) => ({ location: path })) } }),
  };
}

function describeGroup(group: readonly Finding[]): readonly object[] {
  const [first] = group;
  if (first === undefined) return [];
  const { id, aliases, suppressed } = first;
  const published = normalTime(first.published);
  const updated = normalTime(first.modified);
  return [
    {
      "bom-ref": stableUuid(id, JSON.stringify(suppressed ?? "")),
      id,
      source: { url: advisoryUrl(id) },
      references: aliases.map((alias) => ({ id: alias, source: { url: advisoryUrl(alias) } })),
      ratings: first.ratings.length === 0 ? [{ severity: first.severity }] : first.ratings.map(describeRating),
      description: describeVulnerability(first),
      recommendation: escapeLines([...new Set(group.map(adviseFix))].slice(0, 100).join(" ")),
      advisories: referencesOf(first).map((url) => ({ url })),
      ...(published === undefined ? {} : { published }),
      ...(updated === undefined ? {} : { updated }),
      ...(suppressed === undefined ? {} : { analysis: describeAnalysis(suppressed) }),
      affects: group.map((finding) => ({
        ref: finding.package.id,
        versions: [{ version: finding.package.version.slice(0, 1024), status: statusOf(suppressed) }],
      })),
    },
  ];
}

function describeRating({ severity, score, vector, method, source }: Rating): object {
  const named = method === "vendor" ? "other" : method === "ssvc" ? "SSVC" : method;
  return {
    source: { name: source },
    severity,
    ...(score === undefined ? {} : { score }),
    method: named,
    ...(vector === undefined ? {} : { vector }),
  };
}

function statusOf(suppressed: Suppression | undefined): string {
  if (suppressed !== undefined && isUnaffected(suppressed)) return "unaffected";
  return suppressed?.by === "matcher" ? "unknown" : "affected";
}

function describeAnalysis(suppressed: Suppression): object {
  const { by, reason } = suppressed;
  const states = {
    vex: "not_affected",
    matcher: isUnaffected(suppressed) ? "false_positive" : "in_triage",
    ignore: "exploitable",
    baseline: "in_triage",
  };
  return {
    state: states[by],
    ...(by === "ignore" ? { response: ["will_not_fix"] } : {}),
    detail: escapeLines(reason),
  };
}
