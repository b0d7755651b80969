import type { DocumentFormat } from "../document.ts";
import { jsonOf } from "../document-syntax.ts";
import { encodeJsonDocument } from "../json-document.ts";
import { spdxFacts } from "../spdx/facts.ts";
import { readSpdx } from "../spdx/read-document.ts";
import { documentOfGraph, isGraph } from "../spdx/read-graph.ts";
import { spdxOf } from "../spdx/write-document.ts";
import { graphOf, spdxContext } from "../spdx/write-graph.ts";

/** SPDX 3.0.1 as JSON-LD; reads 3.0.0 as well. */
export const spdx3Json: DocumentFormat = {
  id: "spdx3-json",
  title: "SPDX 3.0.1 JSON-LD",
  mediaType: "application/spdx+json",
  fileExtension: ".spdx3.json",
  predicateType: "https://spdx.dev/Document",
  write(inventory, options = {}) {
    const document = spdxOf(inventory, { ...options, format: "spdx3-json" });
    return encodeJsonDocument({ "@context": spdxContext, "@graph": { elements: graphOf(document) } });
  },
  reading: {
    recognizes: (syntax) => syntax.kind === "json" && isGraph(syntax.value),
    decode: (syntax) => documentOfGraph(jsonOf(syntax)),
    inventory: readSpdx,
    facts: (document) => ({ ...spdxFacts(document), format: "SPDX", version: "3.0.1" }),
  },
};
