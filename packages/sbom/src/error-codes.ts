import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/sbom` throws. */
export const sbomErrorCodes: ErrorCodes = {
  CATALOGER_UNKNOWN: {
    exit: 3,
    summary: "A cataloger was asked for that does not exist.",
    hint: "Leave it out to ask all of them, or name one that the package lists.",
  },
  DOCUMENT_TOO_LARGE: {
    exit: 4,
    summary: "A document is larger than any that is read.",
    hint: "Split the document, or make it anew with less in it.",
  },
  DOCUMENT_UNSUPPORTED: {
    exit: 3,
    summary: "A document is not of the SBOM format or version that it is read as.",
    hint: "Give CycloneDX 1.2 to 1.7, SPDX 2 or 3, or syft JSON.",
  },
  DOCUMENT_WRAPPED: {
    exit: 3,
    summary: "A document is inside a statement or envelope that has not been verified.",
    hint: "Verify it first with: sc sbom verify, which writes out the document.",
  },
  LICENSE_INVALID: {
    exit: 3,
    summary: "A licence policy names what is not one licence as SPDX writes it.",
    hint: "Write one SPDX id, such as MIT or Apache-2.0.",
  },
  PURL_LIST_INVALID: {
    exit: 3,
    summary: "A list of package URLs has a line that is none, or too many lines.",
    hint: "Write one package URL a line: pkg:npm/lodash@4.17.21",
  },
  TAGS_INVALID: {
    exit: 4,
    summary: "A document is not the tags and values that SPDX describes.",
    hint: "Check that the document is SPDX as tags and values, and whole.",
  },
  XML_INVALID: {
    exit: 4,
    summary: "A document is not XML, or has a document type declaration.",
    hint: "Check that the document is XML without a document type declaration, and whole.",
  },
};
