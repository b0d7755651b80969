import type { ReportFormat } from "../report.ts";
import { cosignVuln } from "./cosign-vuln.ts";
import { csaf } from "./csaf.ts";
import { csv } from "./csv.ts";
import { cyclonedxVex } from "./cyclonedx-vex.ts";
import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";
import { grypeJson } from "./grype-json.ts";
import { html } from "./html.ts";
import { json } from "./json.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { openvex } from "./openvex.ts";
import { osvJson } from "./osv-json.ts";
import { sarif } from "./sarif.ts";
import { table } from "./table.ts";
import { trivyJson } from "./trivy-json.ts";

/** Every form of report, by id. */
export const reports: readonly ReportFormat[] = [
  json,
  table,
  html,
  markdown,
  sarif,
  cyclonedxVex,
  openvex,
  csaf,
  cosignVuln,
  junit,
  csv,
  github,
  gitlab,
  trivyJson,
  grypeJson,
  osvJson,
];
