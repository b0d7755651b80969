import type { Finding, Suppression } from "@sc/model";
import type { ReportFormat, ScanReport } from "../report.ts";
import { escapeLines } from "../report-parts/escape.ts";
import { adviseFix, hashParts, imagePurl, isUnaffected, jsonText, timeOf } from "../report-parts/facts.ts";

/**
 * What is affected, and what is not and why, as OpenVEX 0.2.0. Of an image without findings there is nothing to state:
 * the list is empty then, which the schema of OpenVEX does not foresee.
 *
 * @see https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md
 */
export const openvex: ReportFormat = {
  id: "openvex",
  title: "OpenVEX statements to start from",
  mediaType: "application/json",
  render(report: ScanReport): string {
    const { findings, sc } = report;
    const groups = [...Map.groupBy(findings, (finding) => JSON.stringify([finding.id, finding.suppressed])).values()];
    const timestamp = timeOf(report);
    const statements = groups.flatMap((group) => describeStatement(group, report));
    return jsonText({
      "@context": "https://openvex.dev/ns/v0.2.0",
      "@id": `https://openvex.dev/docs/public/vex-${hashParts(timestamp, JSON.stringify(statements))}`,
      author: "Unknown Author",
      timestamp,
      version: 1,
      tooling: `sc ${sc}`,
      statements,
    });
  },
};

function describeStatement(group: readonly Finding[], report: ScanReport): readonly object[] {
  const [first] = group;
  if (first === undefined) return [];
  const image = imagePurl(report);
  const parts = [...new Set(group.map(({ package: { purl } }) => purl))].map((purl) => ({ "@id": purl }));
  const { id, aliases, suppressed } = first;
  return [
    {
      vulnerability: { name: id, ...(aliases.length === 0 ? {} : { aliases }) },
      products: image === undefined ? parts : [{ "@id": image, identifiers: { purl: image }, subcomponents: parts }],
      ...describeStatus(group, suppressed),
    },
  ];
}

function describeStatus(group: readonly Finding[], suppressed: Suppression | undefined): object {
  const reason = escapeLines(suppressed?.reason ?? "");
  if (suppressed !== undefined && isUnaffected(suppressed)) return { status: "not_affected", impact_statement: reason };
  // Set aside is not judged: a statement that others act on must not say more.
  if (suppressed?.by === "matcher") return { status: "under_investigation", status_notes: reason };
  const advice = escapeLines([...new Set(group.map(adviseFix))].slice(0, 100).join(" "));
  return { status: "affected", action_statement: suppressed?.by === "ignore" ? `Accepted: ${reason}` : advice };
}
