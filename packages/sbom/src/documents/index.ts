import type { DocumentFormat } from "../document.ts";
import { cyclonedxJson } from "./cyclonedx-json.ts";
import { cyclonedxXml } from "./cyclonedx-xml.ts";
import { githubJson } from "./github-json.ts";
import { spdx3Json } from "./spdx3-json.ts";
import { spdxJson } from "./spdx-json.ts";
import { spdxTagValue } from "./spdx-tag-value.ts";
import { syftJson } from "./syft-json.ts";
import { table } from "./table.ts";

/** Every format that inventories are written in. */
export const documentFormats: readonly DocumentFormat[] = [
  cyclonedxJson,
  cyclonedxXml,
  spdxJson,
  spdxTagValue,
  spdx3Json,
  syftJson,
  githubJson,
  table,
];
