import type { CommandDefinition } from "../command.ts";
import { output } from "../options/documents.ts";
import { image } from "../options/image.ts";
import { registryOptions } from "../options/registry.ts";
import { artifactRepository, verifyingOptions } from "../options/signing.ts";

/** `sc sbom verify`. */
export const sbomVerify: CommandDefinition = {
  path: ["sbom", "verify"],
  summary: "verify the SBOM attached to an image and write it out",
  description: "Only a document in an attestation that an accepted signer signed for exactly this image is written.",
  options: [
    image,
    {
      name: "type",
      kind: "text",
      choices: ["cyclonedx", "spdxjson"],
      summary: "which kind; default whichever is there",
    },
    output,
    artifactRepository,
  ],
  groups: [verifyingOptions, registryOptions],
  examples: [
    {
      comment: "check it and keep the document",
      command: "sc sbom verify -i ghcr.io/acme/api:1.4.2 --key cosign.pub --output api.cdx.json",
    },
  ],
  load: async () => (await import("../actions/sbom-verify.ts")).verifySbom,
};
