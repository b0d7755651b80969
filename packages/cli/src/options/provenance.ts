import type { OptionDefinition } from "../command.ts";

/** The versions of the predicate. */
export const provenanceFormats = ["slsa-v1.0", "slsa-v0.2"] as const;

/** What a provenance is made from. */
export const provenanceOptions: readonly OptionDefinition[] = [
  {
    name: "format",
    kind: "text",
    choices: provenanceFormats,
    default: "slsa-v1.0",
    summary: "version of the predicate",
  },
  { name: "source-root", kind: "text", placeholder: "DIR", default: ".", summary: "the checkout that was built" },
  {
    name: "context",
    kind: "text",
    placeholder: "DIR",
    summary: "the build context; its Dockerfile where none is named",
  },
  { name: "builder-id", kind: "text", placeholder: "URI", summary: "who built it; default what the CI system says" },
  { name: "include-git", kind: "flag", default: "true", summary: "read the git checkout; =false does not" },
  { name: "include-dockerfile", kind: "flag", default: "true", summary: "read the Dockerfile; =false does not" },
  { name: "include-materials", kind: "flag", default: "true", summary: "name source and base images; =false does not" },
  { name: "include-env", kind: "flag", summary: "describe the machine by a few variables, none secret" },
  { name: "dockerfile", kind: "text", placeholder: "FILE", summary: "its base images become dependencies" },
];
