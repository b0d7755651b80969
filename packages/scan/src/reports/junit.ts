import { formatCount, type Finding } from "@sc/model";
import type { ReportFormat, ScanReport } from "../report.ts";
import { escapeXml } from "../report-parts/escape.ts";
import { countedFindings, describeFix, suppressedFindings, timeOf } from "../report-parts/facts.ts";

const maxListed = 500;

/**
 * A test suite for the image: one case for what was compared, one for the policy, one skipped for each finding that
 * does not count. A clean image has passing tests, not none.
 */
export const junit: ReportFormat = {
  id: "junit",
  title: "JUnit XML, a case for each gate",
  mediaType: "application/xml",
  render(report: ScanReport): string {
    const cases = [comparedCase(report), policyCase(report), ...suppressedFindings(report).map(skippedCase)];
    const failures = cases.filter(({ kind }) => kind === "failure").length;
    const skipped = cases.filter(({ kind }) => kind === "skipped").length;
    const counts = `tests="${cases.length}" failures="${failures}" errors="0" time="0"`;
    const time = timeOf(report).replace(/(\.\d+)?Z$/, "");
    const name = escapeXml(report.subject.name);
    return [
      '<?xml version="1.0" encoding="UTF-8"?>',
      // Jenkins refuses a sum of what was skipped here, and wants it below.
      `<testsuites name="sc image scan" ${counts}>`,
      `  <testsuite name="${name}" ${counts} skipped="${skipped}" timestamp="${time}">`,
      ...cases.map((one) => `    ${renderCase(one, name)}`),
      "  </testsuite>",
      "</testsuites>",
      "",
    ].join("\n");
  },
};

interface Case {
  readonly name: string;
  readonly kind: "passed" | "failure" | "skipped";
  readonly message: string;
  readonly text: string;
}

function renderCase({ name, kind, message, text }: Case, suite: string): string {
  const head = `<testcase classname="${suite}" name="${escapeXml(name)}" time="0">`;
  if (kind === "passed") return `${head}<system-out>${escapeXml(text)}</system-out></testcase>`;
  if (kind === "skipped") return `${head}<skipped message="${escapeXml(message)}"/></testcase>`;
  return `${head}<failure type="policy" message="${escapeXml(message)}">${escapeXml(text)}</failure></testcase>`;
}

function comparedCase({ coverage, packages }: ScanReport): Case {
  const isBlind = coverage.compared === 0 && Object.keys(packages).length > 0;
  const message = `${formatCount(coverage.compared, "package")} compared, ${coverage.uncompared} not compared`;
  return {
    name: "packages are compared with advisories",
    kind: isBlind ? "failure" : "passed",
    message,
    text: message,
  };
}

function policyCase(report: ScanReport): Case {
  const { verdict, policy } = report;
  const counted = countedFindings(report);
  const lines = counted.slice(0, maxListed).map(describeLine);
  const rest = counted.length - lines.length;
  const text = [...lines, ...(rest > 0 ? [`… ${rest} more`] : [])].join("\n");
  const name = policy === undefined ? "no gate set" : `policy ${policy}`;
  const message = verdict?.violations.map((violation) => violation.message).join("; ") ?? "";
  return { name, kind: verdict?.outcome === "violation" ? "failure" : "passed", message, text };
}

function describeLine(finding: Finding): string {
  const { id, severity, package: found } = finding;
  return `${severity} ${id} ${found.name} ${found.version} (${describeFix(finding)})`;
}

function skippedCase({ id, package: found, suppressed }: ReturnType<typeof suppressedFindings>[number]): Case {
  return { name: `${id} ${found.name} ${found.version}`, kind: "skipped", message: suppressed.reason, text: "" };
}
