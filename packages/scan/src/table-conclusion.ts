import { formatCount, formatWhole, type Finding, type Suppression } from "@sc/model";
import type { Uncompared, UncomparedReason } from "./coverage.ts";
import { describeEndOfLife } from "./end-of-life.ts";
import type { ScanReport } from "./report.ts";
import { formatTime, gravestFirst, type Page } from "./table-page.ts";
import { describeScanners } from "./scanners.ts";
import { describeSilence } from "./tells.ts";
import { escapeForTerminal, wrapWords } from "./terminal-text.ts";

/**
 * What the table ends with: how much was found, what was not compared, and last the verdict: what the gate says, or that
 * none is set.
 */
export function renderConclusion(report: ScanReport, counted: readonly Finding[], page: Page): readonly string[] {
  return [
    ...renderTotals(report, counted, page),
    ...renderSuppressed(report.findings, counted, page),
    ...renderDoubts(report, page),
    ...renderVerdict(report, counted, page),
  ];
}

function renderTotals(report: ScanReport, counted: readonly Finding[], page: Page): readonly string[] {
  const { coverage, database } = report;
  const packages = Object.values(report.packages).reduce((sum, number) => sum + number, 0);
  if (packages === 0) return say(page, "warning", "0 packages found: nothing was compared");
  if (coverage.compared === 0) {
    return say(page, "warning", `nothing was compared: no advisories for any of ${formatCount(packages, "package")}`);
  }
  if (counted.length === 0) {
    const age = formatTime(database.newest ?? database.built);
    return paragraph(
      page,
      `no known vulnerabilities in ${formatCount(coverage.compared, "package")} (advisories of ${age})`,
    );
  }
  const affected = new Set(counted.map((finding) => finding.package.id)).size;
  const severities = gravestFirst.flatMap((severity) => {
    const number = counted.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${formatWhole(number)} ${severity}`];
  });
  const total = `${formatCount(counted.length, "vulnerability")} in ${formatCount(affected, "package")}`;
  return paragraph(page, `${total}: ${severities.join(", ")}`);
}

function paragraph({ width }: Page, text: string): readonly string[] {
  return wrapWords(text.split(" "), { width, indent: "  " });
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
    ...(counted.length === 0 ? [] : [`${fixable === 0 ? "none" : formatWhole(fixable)} fixable`]),
    ...[...reasons].map(([label, { length }]) => `${formatWhole(length)} ${label}`),
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
    ...(coverage.undecided === 0
      ? []
      : [`${formatCount(coverage.undecided, "range")} of versions could not be evaluated`]),
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
  return `${formatCount(packages, `${escapeForTerminal(type)} package`)} not compared: ${reasonTexts[reason]}${where}`;
}

// Last of all, so that the end of a log answers: by which gate and how many, or that nobody asked for a verdict.
function renderVerdict(
  { verdict, policy, coverage }: ScanReport,
  counted: readonly Finding[],
  page: Page,
): readonly string[] {
  const warnings = (verdict?.warnings ?? []).flatMap(({ message }) => say(page, "warning", message));
  const name = policy === undefined ? "policy" : `policy ${policy}`;
  if (verdict?.outcome === "violation") {
    return [...warnings, ...verdict.violations.flatMap(({ message }) => say(page, "bad", `${name}: ${message}`))];
  }
  const found = counted.length === 0 ? "no known vulnerabilities" : formatCount(counted.length, "vulnerability");
  const isGated = verdict !== undefined && policy !== undefined;
  if (coverage.compared === 0) {
    const told = isGated ? `${name}: not violated, but nothing was compared` : "no gate set: nothing was compared";
    return [...warnings, ...say(page, "warning", told)];
  }
  if (isGated) return [...warnings, ...say(page, "good", `${name}: passed with ${found}`)];
  const [sign, told] =
    counted.length === 0 ? (["good", found] as const) : (["warning", `${found}, not judged`] as const);
  return [...warnings, ...say(page, sign, `no gate set: ${told}`)];
}

function say({ width, signs, style }: Page, sign: "good" | "bad" | "warning", text: string): readonly string[] {
  const lines = wrapWords([signs[sign], ...escapeForTerminal(text).split(" ")], { width, indent: "  " });
  return lines.map((line) => style(sign, line));
}
