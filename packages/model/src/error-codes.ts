import type { ErrorCodes } from "./error.ts";

/** The codes that `@sc/model` throws. */
export const modelErrorCodes: ErrorCodes = {
  DECODE_FAILED: {
    exit: 4,
    summary: "A document from outside does not have the shape its format demands.",
    hint: "Check the document against its format, or get it again from whoever wrote it.",
  },
  DIGEST_INVALID: {
    exit: 3,
    summary: "A text that should be a digest is not of the form sha256:<64 hex digits>.",
    hint: "Write a digest as sha256: followed by 64 lower-case hexadecimal digits.",
  },
  JSON_INVALID: {
    exit: 4,
    summary: "A document from outside is not JSON, or is nested too deeply.",
    hint: "Check the document with a JSON tool, or get it again from whoever wrote it.",
  },
  PURL_INVALID: {
    exit: 3,
    summary: "A text that should be a package URL does not follow the purl specification.",
    hint: "Write it as pkg:type/namespace/name@version.",
  },
};
