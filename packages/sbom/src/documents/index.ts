import type { DocumentFormat } from "../document.ts";
import { cyclonedxJson } from "./cyclonedx-json.ts";
import { spdxJson } from "./spdx-json.ts";
import { table } from "./table.ts";

/** Every format that inventories are written in. */
export const documentFormats: readonly DocumentFormat[] = [cyclonedxJson, spdxJson, table];
