import type { ReportFormat, ScanReport } from "../report.ts";
import { jsonText, timeOf } from "../report-parts/facts.ts";
import { describeReport } from "./json.ts";

/**
 * The predicate that `cosign attest --type vuln` takes, the JSON report as its result.
 *
 * @see https://github.com/sigstore/cosign/blob/main/specs/COSIGN_VULN_ATTESTATION_SPEC.md
 */
export const cosignVuln: ReportFormat = {
  id: "cosign-vuln",
  title: "the predicate of a vulnerability attestation",
  mediaType: "application/json",
  render(report: ScanReport): string {
    const { sc, database } = report;
    const time = timeOf(report);
    return jsonText({
      invocation: { parameters: report.policy?.split(" ") ?? [], uri: "", event_id: "", "builder.id": "" },
      scanner: {
        uri: `pkg:npm/%40sc/cli@${encodeURIComponent(sc)}`,
        version: sc,
        db: { uri: "", version: database.digest, lastUpdate: database.newest ?? database.built },
        result: describeReport(report),
      },
      metadata: { scanStartedOn: time, scanFinishedOn: time },
    });
  },
};
