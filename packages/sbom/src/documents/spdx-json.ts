import type { DocumentFormat } from "../document.ts";
import { encodeJsonDocument } from "../json-document.ts";
import { readSpdx } from "../spdx/read-document.ts";
import { spdxOf } from "../spdx/write-document.ts";

/** SPDX 2.3 as JSON; reads 2.2 as well. */
export const spdxJson: DocumentFormat = {
  id: "spdx-json",
  title: "SPDX 2.3 JSON",
  mediaType: "application/spdx+json",
  fileExtension: ".spdx.json",
  predicateType: "https://spdx.dev/Document",
  write(inventory, options = {}) {
    return encodeJsonDocument(spdxOf(inventory, { ...options, format: "spdx-json" }));
  },
  read: readSpdx,
};
