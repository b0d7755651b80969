import type { CommandDefinition } from "../command.ts";
import { image } from "../options/image.ts";
import { provenanceOptions } from "../options/provenance.ts";
import { registryOptions } from "../options/registry.ts";
import { artifactRepository, keylessOptions, signingOptions, storage } from "../options/signing.ts";

/** `sc provenance attach`. */
export const provenanceAttach: CommandDefinition = {
  path: ["provenance", "attach"],
  summary: "sign how an image was built and attach it",
  description: "Makes the provenance as sc provenance generate does, signs it and stores it beside the image.",
  options: [image, ...provenanceOptions, storage, artifactRepository],
  groups: [signingOptions, keylessOptions, registryOptions],
  examples: [{ comment: "in a CI job", command: "sc provenance attach -i ghcr.io/acme/api:1.4.2 --keyless" }],
  load: async () => (await import("../actions/provenance-attach.ts")).attach,
};
