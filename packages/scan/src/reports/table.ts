import { formatCount, formatWhole, shortDigest } from "@sc/model";
import type { ReportFormat, ReportOptions, ScanReport } from "../report.ts";
import { renderFindings } from "../table-rows.ts";
import { suppressedFindings } from "../report-parts/facts.ts";
import { renderConclusion } from "../table-conclusion.ts";
import { asciiSigns, formatTime, type Page, unicodeSigns } from "../table-page.ts";
import { columnsOf, escapeForTerminal, wrapWords } from "../terminal-text.ts";

const defaultWidth = 80;
const minWidth = 40;

/** The report for people at a terminal: what to upgrade, most urgent first, in lines of at most `width` columns. */
export const table: ReportFormat = {
  id: "table",
  title: "what to upgrade, for people",
  mediaType: "text/plain; charset=utf-8",
  render(report: ScanReport, options: ReportOptions = {}): string {
    const { width = defaultWidth, all = false, ascii = false, style } = options;
    const page: Page = {
      width: Math.max(width, minWidth),
      signs: ascii ? asciiSigns : unicodeSigns,
      style: style ?? ((_, text) => text),
    };
    const counted = report.findings.filter(({ suppressed }) => suppressed === undefined);
    const blocks = [
      renderHeader(report, page),
      renderFindings(counted, { page, all }),
      options.suppressed === true ? renderSuppressedRows(report, { page, all }) : [],
      renderConclusion(report, counted, page),
    ];
    const texts = blocks.filter((lines) => lines.length > 0).map((lines) => lines.map(defuse).join("\n"));
    return `${texts.join("\n\n")}\n`;
  },
};

const maxSuppressedIds = 12;

// What has one reason in one package is told once: a distribution's kernel headers have thousands.
function renderSuppressedRows(
  report: ScanReport,
  { page, all }: { readonly page: Page; readonly all: boolean },
): readonly string[] {
  const groups = Map.groupBy(suppressedFindings(report), ({ package: found, suppressed }) =>
    JSON.stringify([found.type, found.name, found.version, suppressed]),
  );
  if (groups.size === 0) return [];
  const lines = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { name, version } = first.package;
    const { by, reason, source, expires } = first.suppressed;
    const until = expires === undefined ? "" : ` until ${expires}`;
    const from = source === undefined ? by : `${by}, ${source}`;
    const ids = [...new Set(group.map(({ id }) => id))];
    const shown = all || ids.length <= maxSuppressedIds ? ids : ids.slice(0, maxSuppressedIds);
    const rest = ids.length > shown.length ? ` +${formatWhole(ids.length - shown.length)}` : "";
    const text = escapeForTerminal(`${shown.join(" ")}${rest} in ${name} ${version}: ${reason} (${from}${until})`);
    return wrapWords(text.split(" "), { width: page.width, indent: "  " });
  });
  return [page.style("heading", "SUPPRESSED"), ...lines];
}

function renderHeader(report: ScanReport, page: Page): readonly string[] {
  const { subject, distribution, database } = report;
  const { width, signs, style } = page;
  const platform = subject.platform === undefined ? [] : [subject.platform.os, subject.platform.architecture];
  const named = [
    subject.name.split("@sha", 1)[0] ?? subject.name,
    ...(subject.digest === undefined ? [] : [`@${shortDigest(subject.digest)}`]),
  ];
  const parts = [
    named.join(" "),
    [...platform, ...(subject.platform?.variant === undefined ? [] : [subject.platform.variant])].join("/"),
    distribution === undefined ? "" : (distribution.prettyName ?? [distribution.id, distribution.versionId].join(" ")),
  ];
  const about = parts.filter((part) => part !== "").map(escapeForTerminal);
  const packages = Object.values(report.packages).reduce((sum, count) => sum + count, 0);
  const layers = report.layers === 0 ? [] : [`in ${formatCount(report.layers, "layer")}`];
  const scope = [formatCount(packages, "package"), ...layers].join(" ");
  const age = `advisories of ${formatTime(database.newest ?? database.built)}`;
  const lines = [...joinFacts(about, width), ...wrapWords(`${scope} ${signs.separator} ${age}`.split(" "), { width })];
  return lines.map((line, index) => (index === 0 ? style("heading", line) : line));
}

/** Facts on as few lines as hold them; a line is broken between two facts, inside one only where it is too long alone. */
function joinFacts(facts: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const last = lines.at(-1);
    const joined = `${last}  ${fact}`;
    if (last !== undefined && columnsOf(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(...wrapWords(fact.split(" "), { width }));
  }
  return lines;
}

// A build server reads lines that begin like this as commands.
function defuse(line: string): string {
  return /^(?:::|##\[|##vso)/.test(line) ? ` ${line}` : line;
}
