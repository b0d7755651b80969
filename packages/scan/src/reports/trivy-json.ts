import type { Finding, FixState, Rating, Severity } from "@sc/model";
import type { ReportFormat, ScanReport } from "../report.ts";
import {
  advisoryUrl,
  describeVulnerability,
  jsonText,
  normalTime,
  referencesOf,
  stableName,
  type SuppressedFinding,
  suppressedFindings,
  timeOf,
  titleOf,
} from "../report-parts/facts.ts";

const languages: Readonly<Record<string, string>> = {
  npm: "node-pkg",
  pypi: "python-pkg",
  golang: "gobinary",
  maven: "jar",
  gem: "gemspec",
  cargo: "rustbinary",
  nuget: "dotnet-core",
  composer: "composer",
};

const statuses: Readonly<Record<FixState, string>> = {
  fixed: "fixed",
  "not-fixed": "affected",
  "wont-fix": "will_not_fix",
  "end-of-life": "end_of_life",
  unknown: "unknown",
};

const systemTypes: ReadonlySet<string> = new Set(["deb", "rpm", "apk", "alpm"]);

/** The report as Trivy writes it (schema 2), so that whatever reads Trivy's reads this. */
export const trivyJson: ReportFormat = {
  id: "trivy-json",
  title: "as Trivy writes it, for its importers",
  mediaType: "application/json",
  render(report: ScanReport): string {
    const { subject, distribution, findings } = report;
    const counted = findings.filter(({ suppressed }) => suppressed === undefined);
    const modified = suppressedFindings(report);
    const targets = new Set(findings.map(({ package: { type } }) => targetOf(type)));
    const repository = stableName(report);
    return jsonText({
      SchemaVersion: 2,
      CreatedAt: timeOf(report),
      ArtifactName: subject.name,
      ArtifactType: subject.type === "image" ? "container_image" : "filesystem",
      Metadata: {
        ...(distribution === undefined ? {} : { OS: { Family: distribution.id, Name: distribution.versionId ?? "" } }),
        ...(subject.tag === undefined ? {} : { RepoTags: [`${repository}:${subject.tag}`] }),
        ...(subject.digest === undefined ? {} : { RepoDigests: [`${repository}@${subject.digest}`] }),
        ...(subject.platform === undefined
          ? {}
          : { ImageConfig: { architecture: subject.platform.architecture, os: subject.platform.os } }),
      },
      Results: [...targets].toSorted().map((target) => {
        const own = counted.filter((finding) => targetOf(finding.package.type) === target);
        const left = modified.filter((finding) => targetOf(finding.package.type) === target);
        return describeResult({ target, own, left }, report);
      }),
    });
  },
};

function targetOf(type: string): string {
  return systemTypes.has(type) ? "" : type;
}

interface Result {
  readonly target: string;
  readonly own: readonly Finding[];
  readonly left: readonly SuppressedFinding[];
}

function describeResult({ target, own, left }: Result, report: ScanReport): object {
  return {
    ...describeTarget(target, report),
    Vulnerabilities: own.map(describeVulnerable),
    ...(left.length === 0 ? {} : { ExperimentalModifiedFindings: left.map(describeModified) }),
  };
}

function describeTarget(target: string, { subject, distribution }: ScanReport): object {
  if (target !== "") return { Target: target, Class: "lang-pkgs", Type: languages[target] ?? target };
  const system = distribution === undefined ? "" : ` (${distribution.id} ${distribution.versionId ?? ""})`;
  return { Target: `${subject.name}${system}`, Class: "os-pkgs", Type: distribution?.id ?? "unknown" };
}

function describeModified(finding: SuppressedFinding): object {
  const { by, reason, source } = finding.suppressed;
  return {
    Type: "vulnerability",
    Status: by === "ignore" ? "ignored" : "not_affected",
    Statement: reason,
    Source: source ?? "",
    Finding: describeVulnerable(finding),
  };
}

function describeVulnerable(finding: Finding): object {
  const { id, package: found, fixedIn, fixState, severity, explanations } = finding;
  const [place] = found.locations;
  const source = explanations[0]?.ecosystem;
  const published = normalTime(finding.published);
  const modified = normalTime(finding.modified);
  return {
    VulnerabilityID: id,
    VendorIDs: finding.aliases,
    PkgID: `${found.name}@${found.version}`,
    PkgName: found.name,
    ...(place === undefined || systemTypes.has(found.type) ? {} : { PkgPath: place.path }),
    PkgIdentifier: { PURL: found.purl },
    InstalledVersion: found.version,
    FixedVersion: fixedIn.join(", "),
    Status: statuses[fixState],
    ...(place?.layer === undefined
      ? {}
      : { Layer: { Digest: place.layer, ...(place.diffId === undefined ? {} : { DiffID: place.diffId }) } }),
    SeveritySource: finding.ratings[0]?.source ?? "",
    PrimaryURL: advisoryUrl(id),
    ...(source === undefined ? {} : { DataSource: { ID: source, Name: source, URL: "https://osv.dev" } }),
    Title: titleOf(finding),
    Description: describeVulnerability(finding),
    Severity: severity === "none" ? "LOW" : severity.toUpperCase(),
    ...(finding.ratings.length === 0 ? {} : { VendorSeverity: describeSources(finding.ratings) }),
    CVSS: describeScores(finding.ratings),
    References: referencesOf(finding),
    ...(published === undefined ? {} : { PublishedDate: published }),
    ...(modified === undefined ? {} : { LastModifiedDate: modified }),
  };
}

const severityNumbers: Readonly<Record<Severity, number>> = {
  unknown: 0,
  none: 1,
  low: 1,
  medium: 2,
  high: 3,
  critical: 4,
};

// Importers take the severity by the source that SeveritySource names.
function describeSources(ratings: readonly Rating[]): object {
  const sources = Map.groupBy(ratings, ({ source }) => source);
  return Object.fromEntries(
    [...sources].map(([source, own]) => [source, Math.max(...own.map(({ severity }) => severityNumbers[severity]))]),
  );
}

const scoreMembers: Partial<Record<Rating["method"], string>> = {
  CVSSv2: "V2",
  CVSSv3: "V3",
  CVSSv31: "V3",
  CVSSv4: "V40",
};

function describeScores(ratings: readonly Rating[]): object {
  const sources = Map.groupBy(ratings, ({ source }) => source);
  return Object.fromEntries(
    [...sources].map(([source, own]) => [
      source,
      Object.fromEntries(
        own.flatMap(({ method, vector, score }) => {
          const member = scoreMembers[method];
          if (member === undefined) return [];
          return [
            ...(vector === undefined ? [] : [[`${member}Vector`, vector]]),
            ...(score === undefined ? [] : [[`${member}Score`, score]]),
          ];
        }),
      ),
    ]),
  );
}
