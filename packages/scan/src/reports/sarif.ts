import type { Finding, PackageLocation, Severity } from "@sc/model";
import { describeEndOfLife } from "../end-of-life.ts";
import type { ReportFormat, ScanReport } from "../report.ts";
import { escapeLines, escapeMarkdown } from "../report-parts/escape.ts";
import {
  adviseFix,
  advisoryUrl,
  describeVulnerability,
  hashParts,
  jsonText,
  normalTime,
  platformOf,
  referencesOf,
  shortName,
  stableName,
  standingScore,
  titleOf,
} from "../report-parts/facts.ts";
import { compareFindings } from "../upgrades.ts";

/** GitHub refuses a file with more results. */
const maxResults = 25_000;

const levels: Readonly<Record<Severity, string>> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
  none: "none",
  unknown: "warning",
};

/**
 * For GitHub's code scanning and whatever else reads SARIF. Locations and fingerprints name neither tag nor version, so
 * that an alert stays one alert from build to build.
 *
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export const sarif: ReportFormat = {
  id: "sarif",
  title: "SARIF 2.1.0, for code scanning",
  mediaType: "application/sarif+json",
  render(report: ScanReport): string {
    const all = report.findings.toSorted(compareFindings);
    const shown = all.slice(0, maxResults);
    const rules = [...Map.groupBy(shown, ({ id }) => id).values()];
    const indexes = new Map(rules.map((group, index) => [group[0]?.id ?? "", index]));
    const platform = platformOf(report);
    const run = {
      tool: {
        driver: {
          name: "sc",
          version: report.sc,
          semanticVersion: report.sc,
          rules: rules.flatMap((group) => describeRule(group, shortName(report))),
        },
      },
      automationDetails: { id: `sc/image/${stableName(report)}/${platform === "" ? "" : `${platform}/`}` },
      invocations: [
        { executionSuccessful: true, toolExecutionNotifications: describeNotices(report, all.length - shown.length) },
      ],
      properties: {
        image: report.subject.name,
        ...(report.subject.digest === undefined ? {} : { imageDigest: report.subject.digest }),
        databaseDigest: report.database.digest,
        databaseBuilt: report.database.built,
      },
      results: shown.map((finding) => describeResult(finding, report, indexes.get(finding.id) ?? 0)),
    };
    return jsonText({ $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] });
  },
};

function describeRule(group: readonly Finding[], image: string): readonly object[] {
  const [first] = group;
  if (first === undefined) return [];
  const title = titleOf(first);
  const score = Math.max(...group.map(standingScore));
  const fixes = [...new Set(group.map(adviseFix))].slice(0, 20);
  const url = advisoryUrl(first.id);
  const links = referencesOf(first).slice(0, 20);
  const exploited = first.knownExploited === true ? ["KEV"] : [];
  return [
    {
      id: first.id,
      name: first.id,
      shortDescription: { text: plain(title) },
      fullDescription: { text: describeVulnerability(first).slice(0, 1000) },
      helpUri: url,
      help: {
        text: [describeVulnerability(first), ...fixes.map(escapeLines), url].join("\n\n"),
        markdown: [
          `**${escapeMarkdown(first.id)}** ${escapeMarkdown(title)}`,
          ...fixes.map((fix) => `- ${escapeMarkdown(fix)}`),
          `To accept it, in the ignore file: \`{ id: ${JSON.stringify(first.id).replaceAll("`", "'")}, reason: "…", expires: YYYY-MM-DD }\``,
          [`<${url}>`, ...links.map((link) => `<${link}>`)].join("\n"),
        ].join("\n\n"),
      },
      properties: {
        tags: ["security", "vulnerability", first.severity, ...exploited, escapeLines(image)],
        precision: "very-high",
        ...(score > 0 ? { "security-severity": score.toFixed(1) } : {}),
      },
    },
  ];
}

function describeResult(finding: Finding, report: ScanReport, ruleIndex: number): object {
  const { id, package: found, severity, suppressed, epss } = finding;
  const name = stableName(report);
  const place = found.locations[0] ?? { path: found.name };
  const what = `${shortName(report)}: ${found.name} ${found.version} has ${id} (${severity}). ${adviseFix(finding)}`;
  return {
    ruleId: id,
    ruleIndex,
    level: levels[severity],
    message: { text: plain(escapeLines(what)) },
    locations: [describeLocation(place, report)],
    partialFingerprints: {
      primaryLocationLineHash: `${hashParts(id, found.purl.replace(/@[^?#]*/, ""), name, place.path)}:1`,
      "scFinding/v1": hashParts(id, found.type, found.name, name),
    },
    ...(suppressed === undefined
      ? {}
      : { suppressions: [{ kind: "external", status: "accepted", justification: escapeLines(suppressed.reason) }] }),
    properties: {
      purl: found.purl,
      installedVersion: found.version,
      fixedVersions: finding.fixedIn,
      ...(epss === undefined ? {} : { epss }),
      ...(suppressed?.expires === undefined ? {} : { suppressionExpires: suppressed.expires }),
      ...(normalTime(finding.published) === undefined ? {} : { published: normalTime(finding.published) }),
    },
  };
}

function describeLocation(place: PackageLocation, report: ScanReport): object {
  const uri = [shortName(report), ...place.path.split("/")]
    .filter((part) => part !== "" && part !== "." && part !== "..")
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join("/");
  const layer =
    place.layer === undefined
      ? []
      : [{ name: place.layer, kind: "layer", fullyQualifiedName: `${place.layer}:/${escapeLines(place.path)}` }];
  return {
    physicalLocation: {
      artifactLocation: { uri },
      region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
    },
    ...(layer.length === 0 ? {} : { logicalLocations: layer }),
    ...(place.layerIndex === undefined
      ? {}
      : { message: { text: `layer ${place.layerIndex}: ${plain(escapeLines(place.path))}` } }),
  };
}

function describeNotices({ coverage, incomplete, endOfLife }: ScanReport, left: number): readonly object[] {
  const texts = [
    ...(left > 0 ? [`${left} results of lower urgency were left out: a file may have ${maxResults}.`] : []),
    ...(endOfLife === undefined ? [] : [`${describeEndOfLife(endOfLife)}.`]),
    ...(coverage.uncompared > 0 ? [`${coverage.uncompared} packages were not compared with any advisory.`] : []),
    ...(incomplete ? ["The inventory is incomplete: something in the image could not be read."] : []),
  ];
  return texts.map((text) => ({ level: "warning", message: { text } }));
}

// In a message brackets begin a link and braces a placeholder.
function plain(text: string): string {
  return text
    .replaceAll(/[[\]\\]/g, String.raw`\$&`)
    .replaceAll("{", "{{")
    .replaceAll("}", "}}");
}
