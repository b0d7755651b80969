import type { DocumentFormat } from "../document.ts";
import { hasMember, jsonOf } from "../document-syntax.ts";
import { encodeJsonDocument } from "../json-document.ts";
import { bomFacts } from "../cyclonedx/facts.ts";
import { readBom } from "../cyclonedx/read-bom.ts";
import { bomOf, bomVersions } from "../cyclonedx/write-bom.ts";

/** CycloneDX as JSON; reads every version from 1.2 to 1.7. */
export const cyclonedxJson: DocumentFormat = {
  id: "cyclonedx-json",
  title: "CycloneDX 1.6 JSON",
  versions: bomVersions,
  mediaType: "application/vnd.cyclonedx+json",
  fileExtension: ".cdx.json",
  predicateType: "https://cyclonedx.org/bom",
  write(inventory, options = {}) {
    const { head, components, dependencies, compositions } = bomOf(inventory, { ...options, format: "cyclonedx-json" });
    return encodeJsonDocument({
      ...head,
      components: { elements: components },
      dependencies: { elements: dependencies },
      compositions,
    });
  },
  reading: {
    recognizes: (syntax) => hasMember(syntax, "bomFormat"),
    decode: (syntax) => jsonOf(syntax),
    inventory: readBom,
    facts: bomFacts,
  },
};
