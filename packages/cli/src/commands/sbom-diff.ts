import type { CommandDefinition } from "../command.ts";

/** `sc sbom diff`. */
export const sbomDiff: CommandDefinition = {
  path: ["sbom", "diff"],
  summary: "show what is different between two documents",
  description: "Packages are compared by their purl without version, so that an upgrade is one change.",
  arguments: [
    { name: "BEFORE", summary: "the first document, - for standard input", required: true },
    { name: "AFTER", summary: "the second document", required: true },
  ],
  options: [{ name: "fail-on-change", kind: "flag", summary: "exit with 1 when anything is different" }],
  examples: [{ comment: "what a release changes", command: "sc sbom diff v1.cdx.json v2.spdx.json" }],
  shows: true,
  load: async () => (await import("../actions/sbom-diff.ts")).diff,
};
