import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/pipeline` throws. */
export const pipelineErrorCodes: ErrorCodes = {
  CONFIG_INVALID: {
    exit: 3,
    summary: "The configuration file has an unknown field, a wrong value or is not YAML.",
    hint: "See what is allowed with: sc config schema",
  },
  DATABASE_ARTIFACT_INVALID: {
    exit: 4,
    summary: "What a reference names is not an advisory database.",
    hint: "Name the reference that sc db push wrote to.",
  },
  DATABASE_NO_SOURCE: {
    exit: 3,
    summary: "No place is named to fetch an advisory database from.",
    hint: "Name one: --mirror URL.",
  },
  CONFIG_CYCLE: {
    exit: 3,
    summary: "A file of a stack is based on itself.",
    hint: "Take one of the parent or uses lines out of the circle.",
  },
  CONFIG_VALUE_MISSING: {
    exit: 3,
    summary: "A variable or secret that the configuration names is not set.",
    hint: "Set the variable or secret, or take it out of the configuration.",
  },
  GIT_UNUSABLE: {
    exit: 3,
    summary: "A git tag is to be written, and the repository is none or cannot take it.",
    hint: "Run it in a git repository with a commit, or leave the tag out.",
  },
  PROMOTION_FAILED: {
    exit: 4,
    summary: "A tag of a release could not be moved; those that had moved were put back.",
    hint: "Mend what the registry says, and run the release again.",
  },
  RELEASE_EXISTS: {
    exit: 1,
    summary: "A version is released already, or its tag names another image.",
    hint: "Give another --version.",
  },
  RELEASE_INVALID: {
    exit: 3,
    summary: "A release has a version that is no tag, or an image that is in no registry.",
    hint: "Give a --version of letters, digits, dots, dashes and underscores, and images that are in a registry.",
  },
  STACK_EMPTY: {
    exit: 1,
    summary: "A stack has no image in this environment.",
    hint: "Name images under config.images or config.services of the environment.",
  },
  STACK_MISSING: {
    exit: 3,
    summary: "There is no such stack, environment or parent of a stack.",
    hint: "Check --stack and --environment, and the names of the files under .sc/stacks and .sc/parent-stacks.",
  },
  PROVENANCE_UNSIGNED: {
    exit: 3,
    summary: "A provenance is to be attached, and there is nothing to sign it with.",
    hint: "Give --key KEY or --keyless.",
  },
  SBOM_UNSIGNED: {
    exit: 3,
    summary: "A signed document is required in a format that cannot be attested.",
    hint: "Use cyclonedx-json or spdx-json, or set sbom.attach.sign to false.",
  },
  SBOM_SUBJECT_MISMATCH: {
    exit: 1,
    summary: "A software bill of materials is about another image.",
    hint: "Make the document of this image: sc sbom generate --image REF",
  },
  SBOM_FORMAT_UNKNOWN: {
    exit: 3,
    summary: "A document format is not known, or a document is in none that is read.",
    hint: "Name one of the formats that sc help sbom generate lists.",
  },
  REPORTING_INVALID: {
    exit: 3,
    summary: "Where findings are to be reported is not said, or not in a way that works.",
    hint: "Name the address, the API key, and an engagement by its number, or one by its name with its product.",
  },
  REPORTING_REFUSED: {
    exit: 4,
    summary: "The server that findings are reported to did not take them.",
    hint: "Check the address, the API key and what the server answered.",
  },
};
