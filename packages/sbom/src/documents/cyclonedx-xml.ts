import type { DocumentFormat } from "../document.ts";
import { rootOf } from "../document-syntax.ts";
import { encodeText } from "../text-chunks.ts";
import { bomFacts } from "../cyclonedx/facts.ts";
import { readBom } from "../cyclonedx/read-bom.ts";
import { bomOfXml, isBomElement } from "../cyclonedx/read-xml.ts";
import { bomOf, bomVersions } from "../cyclonedx/write-bom.ts";
import { xmlPieces } from "../cyclonedx/write-xml.ts";

/**
 * CycloneDX as XML; reads every version from 1.2 to 1.7. Own writing and reading, since the project's library has
 * neither evidence nor compositions, nor any reader.
 */
export const cyclonedxXml: DocumentFormat = {
  id: "cyclonedx-xml",
  title: "CycloneDX 1.6 XML",
  versions: bomVersions,
  mediaType: "application/vnd.cyclonedx+xml",
  fileExtension: ".cdx.xml",
  write(inventory, options = {}) {
    return encodeText(xmlPieces(bomOf(inventory, { ...options, format: "cyclonedx-xml" })));
  },
  reading: {
    recognizes: (syntax) => syntax.kind === "xml" && isBomElement(syntax.root),
    decode: (syntax) => bomOfXml(rootOf(syntax)),
    inventory: readBom,
    facts: bomFacts,
  },
};
