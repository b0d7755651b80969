import { formatCount, formatWhole, type Severity } from "@sc/model";
import { describeEndOfLife } from "../end-of-life.ts";
import type { ReportFormat, ReportOptions, ScanReport } from "../report.ts";
import { escapeMarkdown, markdownCode } from "../report-parts/escape.ts";
import { advisoryUrl, countedFindings, hashParts, stableName, suppressedFindings } from "../report-parts/facts.ts";
import { formatTime, severityLabels } from "../table-page.ts";
import { groupByUpgrade, type Upgrade } from "../upgrades.ts";

/** GitHub takes 65,536 characters. */
const defaultLimit = 60_000;

/**
 * A comment for a pull request. Never longer than its limit, measured in UTF-16 units of the whole text: rows of the
 * lowest severity go first, then the next, and the last line says how many were left out.
 */
export const markdown: ReportFormat = {
  id: "markdown",
  title: "a comment for a pull request",
  mediaType: "text/markdown; charset=utf-8",
  render(report: ScanReport, { maxLength = defaultLimit }: ReportOptions = {}): string {
    const upgrades = groupByUpgrade(countedFindings(report));
    const rows = upgrades.map(renderRow);
    // What was there before is told by numbers alone: it is neither accepted nor news.
    const accepted = suppressedFindings(report)
      .filter(({ suppressed }) => suppressed.by !== "baseline")
      .map(renderSuppressed);
    const frame = renderComment(report, { rows: [], left: upgrades.length, accepted: [], hidden: accepted.length });
    let room = maxLength - frame.length;
    const shown = takeRows(rows, room);
    room -= lengthOf(shown);
    const explained = takeRows(accepted, room);
    return renderComment(report, {
      rows: shown,
      left: rows.length - shown.length,
      accepted: explained,
      hidden: accepted.length - explained.length,
    }).slice(0, Math.max(0, maxLength));
  },
};

interface Comment {
  readonly rows: readonly string[];
  readonly left: number;
  readonly accepted: readonly string[];
  readonly hidden: number;
}

// The frame was measured with both sections in it, so that rows only ever add their own length.
function renderComment(report: ScanReport, { rows, left, accepted, hidden }: Comment): string {
  const lines = [
    `## Security Scan Results: ${cut(stableName(report))}`,
    `<!-- sc:comment id=${hashParts(stableName(report)).slice(0, 16)} v=1 -->`,
    renderVerdict(report),
    ...(report.endOfLife === undefined ? [] : ["", `! ${escapeMarkdown(describeEndOfLife(report.endOfLife))}.`]),
    "",
    ...renderNumbers(report),
    ...renderAdvice(report),
    ...(rows.length + left === 0
      ? []
      : [
          "",
          `<details><summary>To upgrade: ${formatCount(rows.length + left, "package")}</summary>`,
          "",
          "| | Package | Installed | Fixed in | Vulnerabilities |",
          "|---|---|---|---|---|",
          ...rows,
          "",
          left === 0 ? "" : `… ${left} more in the full report.`,
          "</details>",
        ]),
    ...(accepted.length + hidden === 0
      ? []
      : [
          "",
          `<details><summary>Accepted, not affected, set aside: ${accepted.length + hidden}</summary>`,
          "",
          ...accepted,
          "",
          hidden === 0 ? "" : `… ${hidden} more in the full report.`,
          "</details>",
        ]),
    "",
    `<sub>sc ${escapeMarkdown(report.sc)} · advisories of ${formatTime(report.database.newest ?? report.database.built)}</sub>`,
    "",
  ];
  return lines.join("\n");
}

function renderVerdict(report: ScanReport): string {
  const { verdict, policy, coverage } = report;
  const image = markdownCode(cutText(report.subject.name));
  const digest = report.subject.digest === undefined ? "" : ` (${markdownCode(report.subject.digest.slice(0, 19))})`;
  if (verdict?.outcome === "violation") {
    const why = verdict.violations.map(({ message }) => escapeMarkdown(message.slice(0, 300)));
    const rule = policy === undefined ? "" : `; policy ${markdownCode(cutText(policy))} fails`;
    const [compared] = report.comparisons ?? [];
    const beside = compared === undefined ? "" : `, ${compared.added} new compared with ${code(compared.source)}`;
    return `✗ **${why.slice(0, 5).join("; ")}** in ${image}${digest}${beside}${rule}.`;
  }
  if (coverage.compared === 0)
    return `! **Nothing was compared** in ${image}${digest}: no advisories for its packages.`;
  const total = countedFindings(report).length;
  const [compared] = report.comparisons ?? [];
  const isNew = compared === undefined ? "" : " new";
  const beside = compared === undefined ? "" : `, compared with ${code(compared.source)}`;
  const found =
    total === 0 ? `no${isNew || " known"} vulnerabilities` : formatCount(total, `${isNew} vulnerability`.trim());
  return `${verdict === undefined ? "•" : "✓"} **${found}** in ${image}${digest}${beside}; ${
    policy === undefined ? "no gate set" : `policy ${markdownCode(cutText(policy))} passes`
  }.`;
}

// Zeros alone would read as if nothing was found.
function tellUnrated(findings: ScanReport["findings"]): string {
  const unrated = findings.filter(({ severity }) => severity === "unknown").length;
  return unrated === 0 ? "" : ` · ${formatWhole(unrated)} unknown`;
}

const told: readonly Severity[] = ["critical", "high", "medium", "low"];

function renderNumbers(report: ScanReport): readonly string[] {
  const { findings, coverage, comparisons = [] } = report;
  const counted = countedFindings(report);
  // What was there before does not count, and is there all the same: a column beside another shows both.
  const present = findings.filter(({ suppressed }) => suppressed === undefined || suppressed.by === "baseline");
  const [first] = comparisons;
  const now = told.map((severity) => {
    const number = present.filter((finding) => finding.severity === severity).length;
    return number > (first?.before[severity] ?? number) ? `**${number}**` : String(number);
  });
  const fixable = counted.filter(({ fixedIn }) => fixedIn.length > 0).length;
  const exploited = counted.filter(({ knownExploited }) => knownExploited === true).length;
  const others = comparisons.map(({ source }) => ` ${code(source)} |`).join("");
  const before = comparisons
    .map((one) => ` ${told.map((severity) => one.before[severity] ?? 0).join(" / ")} |`)
    .join("");
  const empty = " |".repeat(comparisons.length);
  return [
    `| |${others} this image |`,
    `|---|${"---|".repeat(comparisons.length)}---|`,
    `| critical / high / medium / low |${before} ${now.join(" / ")}${tellUnrated(present)} |`,
    ...comparisons.slice(0, 1).map(({ added, gone }) => `| new · gone |${empty} ${added} · ${gone} |`),
    `| fixable · known to be exploited |${empty} ${fixable} · ${exploited} |`,
    `| packages compared · not compared |${empty} ${coverage.compared} · ${coverage.uncompared} |`,
  ];
}

function renderAdvice(report: ScanReport): readonly string[] {
  const upgrades = groupByUpgrade(countedFindings(report)).filter(({ fixedIn }) => fixedIn !== undefined);
  if (upgrades.length === 0) return [];
  const first = upgrades.slice(0, 5).map(({ name, fixedIn = "" }) => `${code(name)} → ${code(fixedIn)}`);
  return ["", `**To do** ${first.join(" · ")}`];
}

function renderRow({ severity, name, installed, fixedIn, fixState, findings }: Upgrade): string {
  const ids = findings.slice(0, 5).map(({ id, knownExploited }) => {
    return `[${escapeMarkdown(id.slice(0, 100))}](${advisoryUrl(id)})${knownExploited === true ? " KEV" : ""}`;
  });
  const more = findings.length > ids.length ? ` +${findings.length - ids.length}` : "";
  const fix = fixedIn === undefined ? fixState : code(fixedIn);
  return `| ${severityLabels[severity]} | ${code(name)} | ${code(installed)} | ${fix} | ${ids.join(", ")}${more} |`;
}

function renderSuppressed({ id, package: found, suppressed }: ReturnType<typeof suppressedFindings>[number]): string {
  const until = suppressed.expires === undefined ? "" : `, until ${escapeMarkdown(suppressed.expires)}`;
  const why = escapeMarkdown(suppressed.reason.slice(0, 300));
  return `- ${code(id)} in ${code(found.name)}: ${why} (${suppressed.by}${until})`;
}

function takeRows(rows: readonly string[], room: number): readonly string[] {
  let length = 0;
  const end = rows.findIndex((row) => {
    length += row.length + 1;
    return length > room;
  });
  return end === -1 ? rows : rows.slice(0, end);
}

function lengthOf(rows: readonly string[]): number {
  return rows.reduce((sum, row) => sum + row.length + 1, 0);
}

// The heading is found again by its exact text, so it has no escapes: only letters that need none.
function cut(name: string): string {
  return name.replaceAll(/[^\w./:-]/g, "-").slice(0, 200);
}

function cutText(text: string): string {
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}

function code(text: string): string {
  return markdownCode(text.length > 120 ? `${text.slice(0, 119)}…` : text);
}
