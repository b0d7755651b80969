import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/sbom` throws. */
export const sbomErrorCodes: ErrorCodes = {
  CATALOGER_UNKNOWN: { exit: 3, summary: "A cataloger was asked for that does not exist." },
  DOCUMENT_UNSUPPORTED: { exit: 3, summary: "A document is not of the SBOM format or version that it is read as." },
};
