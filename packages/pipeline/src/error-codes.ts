import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/pipeline` throws. */
export const pipelineErrorCodes: ErrorCodes = {
  CONFIG_INVALID: { exit: 3, summary: "The configuration file has an unknown field, a wrong value or is not YAML." },
  DATABASE_ARTIFACT_INVALID: { exit: 4, summary: "What a reference names is not an advisory database." },
  DATABASE_NO_SOURCE: { exit: 3, summary: "No place is named to fetch an advisory database from." },
  CONFIG_CYCLE: { exit: 3, summary: "A file of a stack is based on itself." },
  CONFIG_VALUE_MISSING: { exit: 3, summary: "A variable or secret that the configuration names is not set." },
  GIT_UNUSABLE: { exit: 3, summary: "A git tag is to be written, and the repository is none or cannot take it." },
  PROMOTION_FAILED: { exit: 4, summary: "A tag of a release could not be moved; those that had moved were put back." },
  RELEASE_EXISTS: { exit: 1, summary: "A version is released already, or its tag names another image." },
  RELEASE_INVALID: { exit: 3, summary: "A release has a version that is no tag, or an image that is in no registry." },
  STACK_EMPTY: { exit: 1, summary: "A stack has no image in this environment." },
  STACK_MISSING: { exit: 3, summary: "There is no such stack, environment or parent of a stack." },
  PROVENANCE_UNSIGNED: { exit: 3, summary: "A provenance is to be attached, and there is nothing to sign it with." },
  SBOM_UNSIGNED: { exit: 3, summary: "A signed document is required in a format that cannot be attested." },
  SBOM_SUBJECT_MISMATCH: { exit: 1, summary: "A software bill of materials is about another image." },
  SBOM_FORMAT_UNKNOWN: { exit: 3, summary: "A document format is not known, or a document is in none that is read." },
  REPORTING_INVALID: { exit: 3, summary: "Where findings are to be reported is not said, or not in a way that works." },
  REPORTING_REFUSED: { exit: 4, summary: "The server that findings are reported to did not take them." },
};
