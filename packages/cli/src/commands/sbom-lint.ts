import type { CommandDefinition } from "../command.ts";
import { documentArgument } from "../options/document.ts";

/** `sc sbom lint`. */
export const sbomLint: CommandDefinition = {
  path: ["sbom", "lint"],
  summary: "score a document by what it must say",
  description:
    "Every line is one demand of the profile, with the points it gives; ten are all. What is not asked for costs nothing.",
  arguments: [documentArgument],
  options: [
    {
      name: "profile",
      kind: "text",
      choices: ["ntia", "cisa", "bsi"],
      default: "ntia",
      summary: "whose minimum elements",
    },
    { name: "fail-below", kind: "count", placeholder: "N", summary: "exit with 1 when the score is lower" },
  ],
  examples: [
    { comment: "the minimum elements of NTIA", command: "sc sbom lint api.cdx.json" },
    { comment: "what BSI TR-03183-2 still misses", command: "sc sbom lint api.cdx.json --profile bsi" },
  ],
  shows: true,
  load: async () => (await import("../actions/sbom-lint.ts")).lint,
};
