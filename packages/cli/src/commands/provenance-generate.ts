import type { CommandDefinition } from "../command.ts";
import { output } from "../options/documents.ts";
import { image } from "../options/image.ts";
import { provenanceOptions } from "../options/provenance.ts";
import { registryOptions } from "../options/registry.ts";

/** `sc provenance generate`. */
export const provenanceGenerate: CommandDefinition = {
  path: ["provenance", "generate"],
  summary: "say how an image was built, as SLSA provenance",
  description:
    "Reads the variables of the CI system it runs in and no others, the git checkout without git, and the Dockerfile. Without a file the statement goes to standard output.",
  options: [image, ...provenanceOptions, output],
  groups: [registryOptions],
  examples: [
    {
      comment: "of the build of this checkout",
      command: "sc provenance generate -i ghcr.io/acme/api:1.4.2 --dockerfile Dockerfile -o provenance.json",
    },
  ],
  load: async () => (await import("../actions/provenance-generate.ts")).generate,
};
