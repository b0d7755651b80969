import type { DocumentFormat } from "../document.ts";
import { spdxFacts } from "../spdx/facts.ts";
import { readSpdx } from "../spdx/read-document.ts";
import { encodeJsonDocument } from "../json-document.ts";
import { spdxOf } from "../spdx/write-document.ts";
import { hasMember, jsonOf } from "../document-syntax.ts";

/** SPDX 2.3 as JSON; reads 2.2 as well. */
export const spdxJson: DocumentFormat = {
  id: "spdx-json",
  title: "SPDX 2.3 JSON",
  mediaType: "application/spdx+json",
  fileExtension: ".spdx.json",
  predicateType: "https://spdx.dev/Document",
  write(inventory, options = {}) {
    const { head, packages, extracted, relationships } = spdxOf(inventory, { ...options, format: "spdx-json" });
    return encodeJsonDocument({
      ...head,
      packages: { elements: packages },
      hasExtractedLicensingInfos: { elements: { [Symbol.iterator]: () => extracted()[Symbol.iterator]() } },
      relationships: { elements: relationships },
    });
  },
  reading: {
    recognizes: (syntax) => hasMember(syntax, "spdxVersion"),
    decode: (syntax) => jsonOf(syntax),
    inventory: readSpdx,
    facts: spdxFacts,
  },
};
