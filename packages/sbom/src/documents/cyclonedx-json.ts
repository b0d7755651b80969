import type { DocumentFormat } from "../document.ts";
import { readBom } from "../cyclonedx/read-bom.ts";
import { bomOf } from "../cyclonedx/write-bom.ts";

/** CycloneDX 1.6 as JSON; reads every version from 1.2 to 1.7. */
export const cyclonedxJson: DocumentFormat = {
  id: "cyclonedx-json",
  title: "CycloneDX 1.6 JSON",
  mediaType: "application/vnd.cyclonedx+json",
  fileExtension: ".cdx.json",
  predicateType: "https://cyclonedx.org/bom",
  write(inventory, options = {}) {
    const bom = bomOf(inventory, { ...options, format: "cyclonedx-json" });
    return new TextEncoder().encode(`${JSON.stringify(bom, undefined, 2)}\n`);
  },
  read: readBom,
};
