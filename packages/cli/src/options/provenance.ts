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
  { name: "dockerfile", kind: "text", placeholder: "FILE", summary: "its base images become dependencies" },
];
