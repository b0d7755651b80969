import type { CommandDefinition } from "../command.ts";
import { image } from "../options/image.ts";
import { registryOptions } from "../options/registry.ts";
import { artifactRepository, keylessOptions, signingOptions, storage } from "../options/signing.ts";
import { predicateSuggestions } from "../options/suggestions.ts";

/** `sc attest`. */
export const attest: CommandDefinition = {
  path: ["attest"],
  summary: "sign a statement about an image",
  description:
    "Wraps the predicate in an in-toto statement about exactly this image's digest, signs it and stores it beside the image.",
  options: [
    image,
    { name: "predicate", kind: "text", placeholder: "FILE", required: true, summary: "what is stated, JSON or text" },
    {
      name: "type",
      kind: "text",
      suggestions: predicateSuggestions,
      placeholder: "TYPE",
      required: true,
      summary: "name or URI: cyclonedx, spdxjson, vuln, openvex …",
    },
    { name: "recursive", short: "r", kind: "flag", summary: "state it about every image that an index names too" },
    storage,
    artifactRepository,
  ],
  groups: [signingOptions, keylessOptions, registryOptions],
  examples: [
    {
      comment: "a VEX document",
      command: "sc attest -i ghcr.io/acme/api:1.4.2 --type openvex --predicate vex.json --key cosign.key",
    },
  ],
  load: async () => (await import("../actions/attest.ts")).attestFile,
};
