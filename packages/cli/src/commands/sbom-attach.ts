import type { CommandDefinition } from "../command.ts";
import { image } from "../options/image.ts";
import { registryOptions } from "../options/registry.ts";
import { artifactRepository, keylessOptions, signingOptions, storage } from "../options/signing.ts";

/** `sc sbom attach`. */
export const sbomAttach: CommandDefinition = {
  path: ["sbom", "attach"],
  summary: "attach an SBOM to the image it is about",
  description:
    "With --key the document becomes a signed attestation, which sc sbom verify and cosign verify-attestation check. Without a key it is attached as it is, and anyone who may push could have written it. A document about another image is refused.",
  options: [
    image,
    { name: "sbom", kind: "text", placeholder: "FILE", required: true, summary: "CycloneDX or SPDX document in JSON" },
    storage,
    artifactRepository,
  ],
  groups: [signingOptions, keylessOptions, registryOptions],
  examples: [
    {
      comment: "as a signed attestation",
      command: "sc sbom attach -i ghcr.io/acme/api:1.4.2 --sbom api.cdx.json --key cosign.key",
    },
  ],
  load: async () => (await import("../actions/sbom-attach.ts")).attach,
};
