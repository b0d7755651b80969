import type { OptionDefinition } from "../command.ts";

/** What is attached to images. */
export const attachmentKinds = ["signature", "attestation", "sbom"] as const;

/** Only one type of attestation. */
export const predicateType: OptionDefinition = {
  name: "predicate-type",
  kind: "text",
  placeholder: "TYPE",
  summary: "only attestations of this type: name or URI",
};
