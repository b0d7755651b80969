import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/archive` throws. */
export const archiveErrorCodes: ErrorCodes = {
  ARCHIVE_LIMIT_EXCEEDED: {
    exit: 4,
    summary: "An archive or compressed stream is larger than a bound that protects against hostile input.",
    hint: "Raise the limit only if you trust whoever made the archive.",
  },
  COMPRESSION_INVALID: {
    exit: 4,
    summary: "A compressed stream is damaged, cut short or followed by other bytes.",
    hint: "Build and push the image again, or get the file again.",
  },
  COMPRESSION_UNSUPPORTED: {
    exit: 2,
    summary: "The running Node.js cannot read this compression.",
    hint: "Run this with a newer Node.js.",
  },
  TAR_INVALID: {
    exit: 4,
    summary: "A tar archive breaks its format in a way that readers disagree about.",
    hint: "Build the image or archive again with a tool that writes valid tar.",
  },
  ZIP_INVALID: {
    exit: 4,
    summary: "A zip archive is damaged, or its directory and its content disagree.",
    hint: "Get the file again, or build it again with a tool that writes valid zip.",
  },
  ZIP_UNSUPPORTED: {
    exit: 4,
    summary: "An entry of a zip archive is encrypted or compressed in an unknown way.",
    hint: "Write the archive anew, unencrypted and compressed by deflate.",
  },
  TAR_TRUNCATED: {
    exit: 4,
    summary: "A tar archive ends in the middle of an entry.",
    hint: "Build and push the image again, or get the file again.",
  },
};
