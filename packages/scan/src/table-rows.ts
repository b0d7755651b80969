import { formatCount, type Finding, type FixState, isAtLeast, type Severity } from "@sc/model";
import { gravestFirst, type Page, severityLabels, styleOfSeverity } from "./table-page.ts";
import { columnsOf, cutMiddle, escapeForTerminal, padColumns, wrapWords } from "./terminal-text.ts";
import { groupByUpgrade, type Upgrade } from "./upgrades.ts";

const maxFindingsUnfolded = 20;

/** The most rows of a folded table: with the header, the folded rest and the verdict they fill less than 40 lines. */
const maxRows = 20;
const gap = "  ";
const severityWidth = 4;
const indent = " ".repeat(severityWidth) + gap;

/** How findings become rows. */
export interface RowOptions {
  readonly page: Page;
  /** A row for every finding. */
  readonly all: boolean;
}

/**
 * The rows of the table, with a heading: one for each upgrade. Of more than twenty findings only the critical and high
 * ones, and those known to be exploited, have rows, and of those the twenty most urgent; the others have a line for each
 * severity.
 */
export function renderFindings(findings: readonly Finding[], { page, all }: RowOptions): readonly string[] {
  const fold = !all && findings.length > maxFindingsUnfolded;
  const shown = fold ? findings.filter(isShownAlways) : findings;
  const grouped = groupByUpgrade(shown);
  const upgrades = all ? grouped.flatMap(unfold) : fold ? grouped.slice(0, maxRows) : grouped;
  const folded = fold
    ? [
        ...grouped.slice(maxRows).flatMap((upgrade) => upgrade.findings),
        ...findings.filter((finding) => !isShownAlways(finding)),
      ]
    : [];
  const rows = upgrades.length === 0 ? [] : renderTable(upgrades, page);
  const named = new Set(upgrades.flatMap((upgrade) => upgrade.findings.map(({ severity }) => severity)));
  return [
    ...rows,
    ...gravestFirst.flatMap((severity) => {
      return renderFolded(
        folded.filter((finding) => finding.severity === severity),
        { severity, page, more: named.has(severity) },
      );
    }),
  ];
}

function isShownAlways({ severity, knownExploited }: Finding): boolean {
  return isAtLeast(severity, "high") || knownExploited === true;
}

function unfold(upgrade: Upgrade): readonly Upgrade[] {
  return upgrade.findings.flatMap((finding) => groupByUpgrade([finding]));
}

interface Row {
  readonly severity: Severity;
  readonly name: string;
  readonly installed: string;
  readonly fix: string;
  readonly ids: string;
}

interface Widths {
  readonly name: number;
  readonly installed: number;
  readonly fix: number;
  readonly ids: number;
}

const heading = { name: "PACKAGE", installed: "INSTALLED", fix: "FIXED IN", ids: "VULNERABILITIES" };
const elsewhere = "(below)";

function renderTable(upgrades: readonly Upgrade[], page: Page): readonly string[] {
  const rows = upgrades.map(describeRow);
  const widths = layOut(rows, page.width);
  const title = page.style("heading", `SEV ${gap}${joinCells(heading, widths, page)}`);
  return [title, ...rows.flatMap((row) => renderRow(row, widths, page))];
}

function describeRow({ name, installed, fixedIn, fixState, severity, findings }: Upgrade): Row {
  const [first] = findings;
  const marks = [
    ...(findings.some(({ knownExploited }) => knownExploited === true) ? ["KEV"] : []),
    ...(findings.every(({ package: found }) => found.hiddenBy !== undefined) ? ["hidden"] : []),
    ...(findings.length > 1 ? [`+${findings.length - 1}`] : []),
  ];
  return {
    severity,
    name: escapeForTerminal(name),
    installed: escapeForTerminal(installed),
    fix: fixedIn === undefined ? unfixedLabels[fixState] : escapeForTerminal(fixedIn),
    ids: [escapeForTerminal(first?.id ?? ""), ...marks].join(" "),
  };
}

const unfixedLabels: Readonly<Record<FixState, string>> = {
  fixed: "(fixed)",
  "not-fixed": "(no fix yet)",
  "wont-fix": "(will not fix)",
  "end-of-life": "(end of life)",
  unknown: "(unknown)",
};

// Ids and fixed versions are never cut: what is too long for its column stands below its row. Names give way.
function layOut(rows: readonly Row[], width: number): Widths {
  const available = width - severityWidth - 4 * gap.length;
  const fix = widest([...rows.map((row) => row.fix), heading.fix], Math.floor(available * 0.3));
  const ids = widest([...rows.map((row) => row.ids), heading.ids], Math.floor(available * 0.4));
  const rest = available - fix - ids;
  const name = widest([...rows.map((row) => row.name), heading.name], rest);
  const installed = widest([...rows.map((row) => row.installed), heading.installed], rest);
  if (name + installed <= rest) return { name, installed, fix, ids };
  const installedCut = Math.max(Math.min(installed, Math.floor(rest / 2)), rest - name);
  return { name: rest - installedCut, installed: installedCut, fix, ids };
}

// The widest of those that fit.
function widest(cells: readonly string[], maxColumns: number): number {
  return Math.max(
    ...cells.map(columnsOf).filter((columns) => columns <= maxColumns),
    Math.min(maxColumns, elsewhere.length),
  );
}

function joinCells(row: Omit<Row, "severity">, widths: Widths, { signs }: Page): string {
  const cells = [
    padColumns(cutMiddle(row.name, widths.name, signs.cut), widths.name),
    padColumns(cutMiddle(row.installed, widths.installed, signs.cut), widths.installed),
    padColumns(columnsOf(row.fix) > widths.fix ? elsewhere : row.fix, widths.fix),
    columnsOf(row.ids) > widths.ids ? elsewhere : row.ids,
  ];
  return cells.join(gap).trimEnd();
}

function renderRow(row: Row, widths: Widths, page: Page): readonly string[] {
  const label = page.style(styleOfSeverity(row.severity), padColumns(severityLabels[row.severity], severityWidth));
  const below = [
    ...(columnsOf(row.fix) > widths.fix ? ["fixed", "in", row.fix] : []),
    ...(columnsOf(row.ids) > widths.ids ? row.ids.split(" ") : []),
  ];
  const lines = below.length === 0 ? [] : wrapWords(["", ...below], { width: page.width - indent.length });
  return [`${label}${gap}${joinCells(row, widths, page)}`, ...lines.map((line) => indent + line.trimStart())];
}

interface FoldedOptions {
  readonly severity: Severity;
  readonly page: Page;
  /** Whether others of this severity have rows. */
  readonly more: boolean;
}

function renderFolded(
  findings: readonly Finding[],
  { severity, page, more: others }: FoldedOptions,
): readonly string[] {
  const { style, width } = page;
  if (findings.length === 0) return [];
  const packages = new Set(findings.map((finding) => `${finding.package.name}\0${finding.package.version}`)).size;
  const fixable = findings.filter(({ fixedIn }) => fixedIn.length > 0).length;
  const text = [
    others ? formatCount(packages, "more package") : formatCount(packages, "package"),
    formatCount(findings.length, "vulnerability"),
    `${fixable === 0 ? "none" : fixable} fixable`,
  ].join(", ");
  const label = style(styleOfSeverity(severity), padColumns(severityLabels[severity], severityWidth));
  const [first = "", ...more] = wrapWords(text.split(" "), { width: width - indent.length });
  return [`${label}${gap}${first}`, ...more.map((line) => indent + line)];
}
