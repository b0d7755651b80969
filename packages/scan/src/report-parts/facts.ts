import { createHash } from "node:crypto";
import { type Finding, formatPurl, type Purl, type Rating, type Severity, type Suppression } from "@sc/model";
import { falseMatches } from "../false-matches/index.ts";
import type { ScanReport } from "../report.ts";
import { compareFindings } from "../upgrades.ts";
import { escapeLines } from "./escape.ts";

/** The findings that count, most urgent first. */
export function countedFindings({ findings }: ScanReport): readonly Finding[] {
  return findings.filter(({ suppressed }) => suppressed === undefined).toSorted(compareFindings);
}

/** The findings that do not count, with why. */
export function suppressedFindings({ findings }: ScanReport): readonly SuppressedFinding[] {
  return findings.flatMap((finding) =>
    finding.suppressed === undefined ? [] : [{ ...finding, suppressed: finding.suppressed }],
  );
}

/** A finding that does not count. */
export type SuppressedFinding = Finding & Required<Pick<Finding, "suppressed">>;

/** Whether what is suppressed does not have the vulnerability, rather than that this match is not the one to say so. */
export function isUnaffected({ by, source }: Suppression): boolean {
  if (by === "matcher") return falseMatches.some((known) => known.id === source && known.isUnaffected);
  return by === "vex";
}

const methods: readonly Rating["method"][] = ["CVSSv4", "CVSSv31", "CVSSv3", "CVSSv2"];

/** The highest CVSS score of the newest version of CVSS that rates it. */
export function scoreOf({ ratings }: Finding): number | undefined {
  for (const method of methods) {
    const scores = ratings.flatMap((rating) => (rating.method === method ? (rating.score ?? []) : []));
    if (scores.length > 0) return Math.max(...scores);
  }
  return undefined;
}

const stands: Readonly<Record<Severity, number>> = {
  critical: 9.5,
  high: 8,
  medium: 5.5,
  low: 2,
  none: 0,
  unknown: 0,
};

/** A score for those who want one: its own where it has one and that says the same as its severity. */
export function standingScore(finding: Finding): number {
  const score = scoreOf(finding);
  return score !== undefined && severityOfScore(score) === finding.severity ? score : stands[finding.severity];
}

function severityOfScore(score: number): Severity {
  if (score >= 9) return "critical";
  if (score >= 7) return "high";
  return score >= 4 ? "medium" : "low";
}

const maxDescription = 2000;

/** What the vulnerability is, cut to what a report has place for. */
export function describeVulnerability({ id, summary, details }: Finding): string {
  const text = details ?? summary ?? id;
  return escapeLines(text.length > maxDescription ? `${text.slice(0, maxDescription)} …` : text);
}

/** Its title: the summary in one line. */
export function titleOf({ id, summary, details, package: { name } }: Finding): string {
  const line = (summary ?? details ?? "").split(/[\r\n]/, 1)[0] ?? "";
  return escapeLines(line === "" ? `${id} in ${name}` : line.slice(0, 240));
}

const fixWords: Readonly<Record<Finding["fixState"], string>> = {
  fixed: "fixed",
  "not-fixed": "no fix yet",
  "wont-fix": "will not be fixed",
  "end-of-life": "end of life, will not be fixed",
  unknown: "no fix known",
};

/** What can be done: the versions that fix it, or why there is none. */
export function describeFix({ fixedIn, fixState }: Finding): string {
  return fixedIn.length > 0 ? fixedIn.join(", ") : fixWords[fixState];
}

/** What a person should do about it, in one sentence. */
export function adviseFix({ fixedIn, fixState, package: { name } }: Finding): string {
  return fixedIn.length > 0 ? `Upgrade ${name} to ${fixedIn.join(" or ")}.` : `${name}: ${fixWords[fixState]}.`;
}

/** An address that a browser may be sent to: of the web, whole, or `undefined`. */
export function safeUrl(text: string): string | undefined {
  if (text.length > 2048 || !/^https?:\/\/[^\s"'<>`{}|\\^]+$/i.test(text) || !URL.canParse(text)) return undefined;
  const { username, password, href } = new URL(text);
  return username === "" && password === "" ? href : undefined;
}

/** Where a person reads about a vulnerability of this id. */
export function advisoryUrl(id: string): string {
  const part = encodeURIComponent(id.slice(0, 200).toWellFormed()).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  if (/^CVE-\d{4}-\d{4,19}$/.test(id)) return `https://nvd.nist.gov/vuln/detail/${part}`;
  return /^GHSA(-[0-9a-z]{4}){3}$/.test(id)
    ? `https://github.com/advisories/${part}`
    : `https://osv.dev/vulnerability/${part}`;
}

/** The web addresses a finding refers to. */
export function referencesOf({ references }: Finding): readonly string[] {
  return [...new Set(references.flatMap((reference) => safeUrl(reference) ?? []))].slice(0, 50);
}

/** When the scan was made, RFC 3339; when its database was where nobody says. */
export function timeOf({ scanned, database }: ScanReport): string {
  return normalTime(scanned) ?? normalTime(database.built) ?? "1970-01-01T00:00:00Z";
}

/** A time as RFC 3339 in UTC, or `undefined` for a text that is none. */
export function normalTime(text: string | undefined): string | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace(".000Z", "Z");
}

/** The repository or file of the subject, without tag and digest: it stays the same between builds. */
export function stableName({ subject }: ScanReport): string {
  if (subject.repository !== undefined) return subject.repository;
  const [name = ""] = subject.name.split("@sha", 1);
  return subject.type === "image" ? name.replace(/:[\w.-]{1,128}$/, "") : name;
}

/** The last part of that name. */
export function shortName(report: ScanReport): string {
  return (
    stableName(report)
      .split("/")
      .findLast((part) => part !== "") ?? "image"
  );
}

/** The platform as `linux/arm64/v8`, or an empty text. */
export function platformOf({ subject: { platform } }: ScanReport): string {
  if (platform === undefined) return "";
  return [platform.os, platform.architecture, ...(platform.variant === undefined ? [] : [platform.variant])].join("/");
}

/** The image as a package URL, where it has a digest. */
export function imagePurl(report: ScanReport): Purl | undefined {
  const { digest, repository, tag, platform } = report.subject;
  const name = shortName(report).toLowerCase();
  if (digest === undefined || !/^[a-z0-9._-]+$/.test(name)) return undefined;
  const qualifiers = {
    ...(repository === undefined ? {} : { repository_url: repository }),
    ...(platform === undefined ? {} : { arch: platform.architecture }),
    ...(tag === undefined ? {} : { tag }),
  };
  return formatPurl({ type: "oci", name, version: digest, qualifiers });
}

/** A UUID that the same parts always give. */
export function stableUuid(...parts: readonly string[]): string {
  const hex = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join("-");
}

/** The hexadecimal SHA-256 of some parts. */
export function hashParts(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** A value as the text of a JSON report. */
export function jsonText(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
