import { shortDigest } from "@sc/model";
import type { ReportFormat, ScanReport } from "../report.ts";
import { renderPage } from "../report-parts/html-page.ts";
import { renderScanSections, renderVerdict } from "../report-parts/html-scan.ts";
import { describeReport } from "./json.ts";

/**
 * One page that holds everything it needs: it asks nobody for anything, and forbids itself to. Every finding is a row
 * without script; with script the rows can be filtered and sorted. The JSON report is in it, too.
 */
export const html: ReportFormat = {
  id: "html",
  title: "one self-contained page",
  mediaType: "text/html; charset=utf-8",
  render(report: ScanReport): string {
    const { name, digest } = report.subject;
    const title = `Scan of ${name}`;
    const foot = digest === undefined || name.includes(digest) ? name : `${name} ${shortDigest(digest)}`;
    return renderPage(
      (described) => ({
        title,
        foot,
        verdict: renderVerdict(report, described),
        main: renderScanSections(report, { described }),
      }),
      () => describeReport(report),
    );
  },
};
