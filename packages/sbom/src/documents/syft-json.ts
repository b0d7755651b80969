import type { DocumentFormat } from "../document.ts";
import { hasMember, jsonOf } from "../document-syntax.ts";
import { encodeJsonDocument } from "../json-document.ts";
import { readSyft, syftFacts } from "../syft/read-document.ts";
import { syftOf } from "../syft/write-document.ts";

/** syft's own format, for the tools that read it; it has no field for much of what an inventory holds. */
export const syftJson: DocumentFormat = {
  id: "syft-json",
  title: "syft JSON",
  mediaType: "application/vnd.syft+json",
  fileExtension: ".syft.json",
  predicateType: "https://syft.dev/bom",
  write: (inventory, options = {}) => encodeJsonDocument(syftOf(inventory, options)),
  reading: {
    recognizes: (syntax) => hasMember(syntax, "artifacts") && hasMember(syntax, "schema"),
    decode: (syntax) => jsonOf(syntax),
    inventory: readSyft,
    facts: syftFacts,
  },
};
