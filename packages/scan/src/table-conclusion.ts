import { formatWhole, type Finding, type Suppression } from "@sc/model";
import type { Uncompared, UncomparedReason } from "./coverage.ts";
import { describeEndOfLife } from "./end-of-life.ts";
import type { ScanReport } from "./report.ts";
import { countOf, formatTime, gravestFirst, type Page } from "./table-page.ts";
import { describeScanners } from "./scanners.ts";
import { describeSilence } from "./tells.ts";
import { escapeForTerminal, wrapWords } from "./terminal-text.ts";

/** What the table ends with: how much was found, what was not compared, and what the policy says. */
export function renderConclusion(report: ScanReport, counted: readonly Finding[], page: Page): readonly string[] {
  return [
    ...renderTotals(report, counted, page),
    ...renderSuppressed(report.findings, counted, page),
    ...renderDoubts(report, page),
    ...renderVerdict(report, page),
  ];
}

function renderTotals(report: ScanReport, counted: readonly Finding[], page: Page): readonly string[] {
  const { coverage, database } = report;
  const packages = Object.values(report.packages).reduce((sum, number) => sum + number, 0);
  if (packages === 0) return say(page, "warning", "0 packages found: nothing was compared");
  if (coverage.compared === 0) {
    return say(page, "warning", `nothing was compared: no advisories for any of ${countOf(packages, "package")}`);
  }
  if (counted.length === 0) {
    const age = formatTime(database.newest ?? database.built);
    return say(
      page,
      "good",
      `no known vulnerabilities in ${countOf(coverage.compared, "package")} (advisories of ${age})`,
    );
  }
  const affected = new Set(counted.map((finding) => finding.package.id)).size;
  const severities = gravestFirst.flatMap((severity) => {
    const number = counted.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${formatWhole(number)} ${severity}`];
  });
  const total = `${countOf(counted.length, "vulnerability")} in ${countOf(affected, "package")}`;
  return wrapWords(`${total}: ${severities.join(", ")}`.split(" "), { width: page.width, indent: "  " });
}

const suppressionLabels: Readonly<Record<Suppression["by"], string>> = {
  ignore: "accepted",
  vex: "not affected",
  matcher: "set aside",
  baseline: "known before",
};

function renderSuppressed(
  findings: readonly Finding[],
  counted: readonly Finding[],
  { width, signs }: Page,
): readonly string[] {
  const fixable = counted.filter(({ fixedIn }) => fixedIn.length > 0).length;
  const reasons = Map.groupBy(
    findings.flatMap(({ suppressed }) => suppressed ?? []),
    ({ by, source }) => `${suppressionLabels[by]}${source === undefined ? "" : ` (${escapeForTerminal(source)})`}`,
  );
  const parts = [
    ...(counted.length === 0 ? [] : [`${fixable === 0 ? "none" : fixable} fixable`]),
    ...[...reasons].map(([label, { length }]) => `${length} ${label}`),
  ];
  return wrapWords(parts.join(` ${signs.separator} `).split(" "), { width, indent: "  " });
}

const reasonTexts: Readonly<Record<UncomparedReason, string>> = {
  "unknown-distribution": "the image does not say which distribution it is",
  "unsupported-distribution": "there are no advisories for this distribution",
  "unsupported-type": "packages of this type cannot be matched",
  "third-party": "they are not the distribution's own",
  "vendor-rebuild": "a vendor rebuilt them, whose advisories the database does not have",
  "no-advisories": "the database has no advisories for them",
  "no-release-advisories": "the database has no advisories for this release",
  "version-not-understood": "their versions are none of their ecosystem",
};

function renderDoubts(report: ScanReport, page: Page): readonly string[] {
  const { coverage, incomplete, packages, endOfLife, scanners = [] } = report;
  const notes = [...describeSilence(coverage.ecosystems), describeScanners(scanners) ?? []].flat();
  const stands = coverage.ecosystems.flatMap(({ ecosystem, standsInFor }) =>
    standsInFor === undefined
      ? []
      : [`${escapeForTerminal(standsInFor)} has no advisories of its own: those of ${ecosystem} stand in`],
  );
  const doubts = [
    ...(endOfLife === undefined ? [] : [describeEndOfLife(endOfLife)]),
    ...(Object.keys(packages).length === 0 ? [] : coverage.gaps.map(describeGap)),
    ...stands,
    ...(coverage.undecided === 0 ? [] : [`${countOf(coverage.undecided, "range")} of versions could not be evaluated`]),
    ...(incomplete ? ["the inventory is incomplete: something in the image could not be read"] : []),
  ];
  return [
    ...doubts.flatMap((doubt) => say(page, "warning", doubt)),
    ...notes.flatMap((text) =>
      wrapWords(escapeForTerminal(text).split(" "), { width: page.width, indent: "  " }).map((line) =>
        page.style("dim", line),
      ),
    ),
  ];
}

function describeGap({ reason, type, ecosystem, packages }: Uncompared): string {
  const where = ecosystem === undefined ? "" : ` (${escapeForTerminal(ecosystem)})`;
  return `${countOf(packages, `${escapeForTerminal(type)} package`)} not compared: ${reasonTexts[reason]}${where}`;
}

function renderVerdict({ verdict, policy }: ScanReport, page: Page): readonly string[] {
  if (verdict === undefined) return [];
  const name = policy === undefined ? "policy" : `policy ${policy}`;
  const warnings = verdict.warnings.flatMap(({ message }) => say(page, "warning", message));
  if (verdict.outcome === "pass") return [...warnings, ...say(page, "good", `${name}: passed`)];
  return [...warnings, ...verdict.violations.flatMap(({ message }) => say(page, "bad", `${name}: ${message}`))];
}

function say({ width, signs, style }: Page, sign: "good" | "bad" | "warning", text: string): readonly string[] {
  const lines = wrapWords([signs[sign], ...escapeForTerminal(text).split(" ")], { width, indent: "  " });
  return lines.map((line) => style(sign, line));
}
