import type { Finding, FixState, InventorySubject, PackageLocation, Rating } from "@sc/model";
import type { ReportFormat, ScanReport } from "../report.ts";
import {
  advisoryUrl,
  describeVulnerability,
  hashParts,
  jsonText,
  referencesOf,
  type SuppressedFinding,
  suppressedFindings,
  timeOf,
} from "../report-parts/facts.ts";

const states: Readonly<Record<FixState, string>> = {
  fixed: "fixed",
  "not-fixed": "not-fixed",
  "wont-fix": "wont-fix",
  "end-of-life": "wont-fix",
  unknown: "unknown",
};

const types: Readonly<Record<string, string>> = {
  pypi: "python",
  golang: "go-module",
  maven: "java-archive",
  cargo: "rust-crate",
  nuget: "dotnet",
  composer: "php-composer",
};

/** The report as Grype writes it, so that whatever reads Grype's reads this: every member that importers insist on is there. */
export const grypeJson: ReportFormat = {
  id: "grype-json",
  title: "as Grype writes it, for its importers",
  mediaType: "application/json",
  render(report: ScanReport): string {
    const { subject, distribution, database, findings, sc } = report;
    const ignored = suppressedFindings(report).map(describeIgnored);
    return jsonText({
      matches: findings.filter(({ suppressed }) => suppressed === undefined).map(describeMatch),
      ...(ignored.length === 0 ? {} : { ignoredMatches: ignored }),
      source: describeSource(subject),
      distro: {
        name: distribution?.id ?? "",
        version: distribution?.versionId ?? "",
        idLike: distribution?.idLike ?? [],
      },
      descriptor: {
        name: "sc",
        version: sc,
        db: { built: database.built, schemaVersion: database.schema, checksum: database.digest, error: null },
        timestamp: timeOf(report),
      },
    });
  },
};

function describeSource({ type, name, digest, tag, repository = "", platform }: InventorySubject): object {
  return {
    type: type === "image" ? "image" : "directory",
    target: {
      userInput: name,
      imageID: digest ?? "",
      manifestDigest: digest ?? "",
      tags: tag === undefined ? [] : [`${repository}:${tag}`],
      layers: [],
      architecture: platform?.architecture ?? "",
      os: platform?.os ?? "",
    },
  };
}

function describeIgnored(finding: SuppressedFinding): object {
  const rules = [{ vulnerability: finding.id, reason: finding.suppressed.reason, namespace: "" }];
  return { ...describeMatch(finding), appliedIgnoreRules: rules };
}

function describeMatch(finding: Finding): object {
  const { id, aliases, package: found, explanations, fixState, fixedIn } = finding;
  const dataSource = advisoryUrl(id);
  const severity = describeSeverity(finding);
  const places = found.locations.length > 0 ? found.locations : [{ path: "" }];
  return {
    vulnerability: {
      id,
      dataSource,
      namespace: explanations[0]?.ecosystem ?? "osv",
      severity,
      urls: referencesOf(finding),
      description: describeVulnerability(finding),
      cvss: describeScores(finding.ratings),
      ...(finding.epss === undefined ? {} : { epss: [{ cve: id, epss: finding.epss }] }),
      fix: { versions: fixedIn, state: states[fixState] },
      advisories: [],
    },
    relatedVulnerabilities: aliases.map((alias) => ({
      id: alias,
      dataSource: advisoryUrl(alias),
      namespace: "osv",
      severity,
      urls: [],
      cvss: [],
    })),
    matchDetails: explanations.map((explanation) => ({
      type: "exact-direct-match",
      matcher: `${explanation.scheme}-matcher`,
      searchedBy: {
        namespace: explanation.ecosystem,
        package: { name: explanation.comparedName, version: explanation.comparedVersion },
      },
      found: {
        vulnerabilityID: explanation.advisory,
        versionConstraint: `${explanation.range} (${explanation.scheme})`,
      },
    })),
    artifact: {
      id: hashParts(found.id).slice(0, 16),
      name: found.name,
      version: found.version,
      type: types[found.type] ?? found.type,
      locations: places.map(describePlace),
      language: "",
      licenses: [],
      cpes: [],
      purl: found.purl,
      upstreams: [],
    },
  };
}

function describePlace({ path, layer }: PackageLocation): object {
  return layer === undefined ? { path: `/${path}` } : { path: `/${path}`, layerID: layer };
}

function describeSeverity({ severity }: Finding): string {
  return severity === "none" ? "Negligible" : `${severity.slice(0, 1).toUpperCase()}${severity.slice(1)}`;
}

const versions: Partial<Record<Rating["method"], string>> = {
  CVSSv2: "2.0",
  CVSSv3: "3.0",
  CVSSv31: "3.1",
  CVSSv4: "4.0",
};

function describeScores(ratings: readonly Rating[]): readonly object[] {
  return ratings.flatMap(({ method, vector, score, source }) => {
    const version = versions[method];
    if (version === undefined || vector === undefined || score === undefined) return [];
    return [{ source, type: "Primary", version, vector, metrics: { baseScore: score }, vendorMetadata: {} }];
  });
}
