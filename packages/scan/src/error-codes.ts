import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/scan` throws. */
export const scanErrorCodes: ErrorCodes = {
  ADVISORIES_NONE: {
    exit: 4,
    summary: "The given files hold no advisory that can be matched, so no database is built.",
  },
  ADVISORIES_UNREADABLE: { exit: 4, summary: "A file or folder of advisories cannot be read." },
  DATABASE_BUSY: {
    exit: 4,
    summary: "Another process has been building this advisory database for longer than was waited.",
    retryable: true,
  },
  DATABASE_CORRUPT: {
    exit: 4,
    summary: "A file of the advisory database is damaged, missing or not the one it should be.",
  },
  DATABASE_FOREIGN: { exit: 3, summary: "The given path holds something else than an advisory database." },
  DATABASE_MISSING: { exit: 2, summary: "There is no advisory database, so nothing can be compared." },
  DATABASE_NEWER: { exit: 3, summary: "The advisory database was built by a newer version of this program." },
  DATABASE_OUTGROWN: {
    exit: 2,
    summary:
      "The advisory database was built by an older version of this program, in a layout that is not read any more.",
  },
  DATABASE_EXPIRED: {
    exit: 4,
    summary: "The advisory database is older than is allowed, and no newer one could be fetched.",
    retryable: true,
  },
  DATABASE_OLDER: {
    exit: 1,
    summary: "The advisory database on offer is older than the one that is here: an old one is still signed.",
  },
  DATABASE_PARTIAL: {
    exit: 2,
    summary: "The advisory database was fetched without the advisories of an ecosystem that is needed now.",
  },
  DATABASE_UNSIGNED: {
    exit: 1,
    summary: "The advisory database has no signature, so it is not taken or given away.",
  },
  DATABASE_UNREACHABLE: {
    exit: 4,
    summary: "A place does not give the files of an advisory database.",
    retryable: true,
  },
  DATABASE_UNWRITABLE: { exit: 4, summary: "The advisory database cannot be written." },
  ECOSYSTEM_UNKNOWN: { exit: 3, summary: "The advisory database has no ecosystem of the given name." },
  VEX_UNKNOWN: { exit: 3, summary: "A VEX document is neither OpenVEX, CSAF nor CycloneDX, or is too large." },
  YAML_INVALID: {
    exit: 4,
    summary: "A file of advisories is not YAML, has anchors, or is nested too deeply.",
    hint: "Check the document, or get it again from whoever wrote it.",
  },
};
