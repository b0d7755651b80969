import type { Finding } from "@sc/model";
import type { ReportFormat, ScanReport } from "../report.ts";
import { escapeCsv } from "../report-parts/escape.ts";
import { scoreOf } from "../report-parts/facts.ts";
import { compareFindings } from "../upgrades.ts";

const columns = [
  "id",
  "aliases",
  "severity",
  "score",
  "epss",
  "kev",
  "type",
  "package",
  "version",
  "fixed_in",
  "fix_state",
  "purl",
  "path",
  "layer",
  "state",
  "reason",
  "title",
];

/** A row for each finding, for spreadsheets. RFC 4180; no cell is a formula, whatever the image calls its packages. */
export const csv: ReportFormat = {
  id: "csv",
  title: "a row for each finding, for spreadsheets",
  mediaType: "text/csv; charset=utf-8",
  render(report: ScanReport): string {
    const rows = report.findings.toSorted(compareFindings).map(describeRow);
    return [columns, ...rows].map((row) => `${row.map(escapeCsv).join(",")}\r\n`).join("");
  },
};

function describeRow(finding: Finding): readonly string[] {
  const { id, aliases, severity, epss, knownExploited, package: found, fixedIn, fixState, suppressed } = finding;
  return [
    id,
    aliases.join(" "),
    severity,
    String(scoreOf(finding) ?? ""),
    String(epss ?? ""),
    knownExploited === true ? "yes" : "",
    found.type,
    found.name,
    found.version,
    fixedIn.join(" "),
    fixState,
    found.purl,
    found.locations[0]?.path ?? "",
    found.locations[0]?.layer ?? "",
    suppressed === undefined ? "open" : suppressed.by,
    suppressed?.reason ?? "",
    (finding.summary ?? "").slice(0, 300),
  ];
}
