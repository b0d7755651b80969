import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/scan` throws. */
export const scanErrorCodes: ErrorCodes = {
  ADVISORIES_NONE: {
    exit: 4,
    summary: "The given files hold no advisory that can be matched, so no database is built.",
    hint: "Give OSV exports: all.zip of an ecosystem, JSON or YAML files, or folders of them.",
  },
  ADVISORIES_UNREADABLE: {
    exit: 4,
    summary: "A file or folder of advisories cannot be read.",
    hint: "Check the path and who may read it.",
  },
  DATABASE_BUSY: {
    exit: 4,
    summary: "Another process has been building this advisory database for longer than was waited.",
    hint: "Wait for the other process to end, and try again.",
    retryable: true,
  },
  DATABASE_CORRUPT: {
    exit: 4,
    summary: "A file of the advisory database is damaged, missing or not the one it should be.",
    hint: "Fetch or build it again: sc db update, or sc db build --from DIR_OR_ZIP",
  },
  DATABASE_FOREIGN: {
    exit: 3,
    summary: "The given path holds something else than an advisory database.",
    hint: "Name another folder with --db, or one that is not there yet.",
  },
  DATABASE_MISSING: {
    exit: 2,
    summary: "There is no advisory database, so nothing can be compared.",
    hint: "Fetch one with: sc db update --mirror URL --key PUBLIC-KEY, or build one with: sc db build --from DIR_OR_ZIP",
  },
  DATABASE_NEWER: {
    exit: 3,
    summary: "The advisory database was built by a newer version of this program.",
    hint: "Use a newer sc, or build the database again with this one.",
  },
  DATABASE_OUTGROWN: {
    exit: 2,
    summary:
      "The advisory database was built by an older version of this program, in a layout that is not read any more.",
    hint: "Build it again with: sc db build --from DIR_OR_ZIP, or fetch a newer one with: sc db update",
  },
  DATABASE_EXPIRED: {
    exit: 4,
    summary: "The advisory database is older than is allowed, and no newer one could be fetched.",
    hint: "Update it with: sc db update, or allow an older one with --max-age.",
    retryable: true,
  },
  DATABASE_OLDER: {
    exit: 1,
    summary: "The advisory database on offer is older than the one that is here: an old one is still signed.",
    hint: "Check the mirror: it offers an older database than it did.",
  },
  DATABASE_PARTIAL: {
    exit: 2,
    summary: "The advisory database was fetched without the advisories of an ecosystem that is needed now.",
    hint: "Fetch the ecosystem too: sc db update without --ecosystem.",
  },
  DATABASE_UNSIGNED: {
    exit: 1,
    summary: "The advisory database has no signature, so it is not taken or given away.",
    hint: "Sign it where it is built: sc db build --key KEY",
  },
  DATABASE_UNREACHABLE: {
    exit: 4,
    summary: "A place does not give the files of an advisory database.",
    hint: "Check the address, or name another mirror.",
    retryable: true,
  },
  DATABASE_UNWRITABLE: {
    exit: 4,
    summary: "The advisory database cannot be written.",
    hint: "Check the permissions and the free space of the folder.",
  },
  ECOSYSTEM_UNKNOWN: {
    exit: 3,
    summary: "The advisory database has no ecosystem of the given name.",
    hint: "See which there are with: sc db status",
  },
  VEX_UNKNOWN: {
    exit: 3,
    summary: "A VEX document is neither OpenVEX, CSAF nor CycloneDX, or is too large.",
    hint: "Give a document in OpenVEX, CSAF or CycloneDX.",
  },
  YAML_INVALID: {
    exit: 4,
    summary: "A file of advisories is not YAML, has anchors, or is nested too deeply.",
    hint: "Check the document, or get it again from whoever wrote it.",
  },
};
