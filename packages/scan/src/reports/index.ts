import type { ReportFormat } from "../report.ts";
import { json } from "./json.ts";
import { table } from "./table.ts";

/** Every form of report, by id. */
export const reports: readonly ReportFormat[] = [json, table];
