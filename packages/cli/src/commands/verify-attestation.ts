import type { CommandDefinition } from "../command.ts";
import { output } from "../options/documents.ts";
import { image } from "../options/image.ts";
import { registryOptions } from "../options/registry.ts";
import { artifactRepository, verifyingOptions } from "../options/signing.ts";
import { predicateSuggestions } from "../options/suggestions.ts";

/** `sc verify-attestation`. */
export const verifyAttestation: CommandDefinition = {
  path: ["verify-attestation"],
  summary: "verify what was attested about an image",
  description:
    "Only statements of this type count that an accepted signer signed for exactly this image; where there is none the answer is no. Without a file the first predicate goes to standard output.",
  options: [
    image,
    {
      name: "type",
      kind: "text",
      suggestions: predicateSuggestions,
      placeholder: "TYPE",
      required: true,
      summary: "URI or name",
    },
    output,
    artifactRepository,
  ],
  groups: [verifyingOptions, registryOptions],
  examples: [
    {
      comment: "a VEX document",
      command: "sc verify-attestation -i ghcr.io/acme/api:1.4.2 --type openvex --key cosign.pub",
    },
  ],
  load: async () => (await import("../actions/verify-attestation.ts")).verifyAttestations,
};
