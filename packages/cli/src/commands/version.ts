import type { CommandDefinition } from "../command.ts";

/** `sc version`. */
export const showVersion: CommandDefinition = {
  path: ["version"],
  summary: "show which version this is, as sc --version does",
  options: [],
  examples: [{ comment: "for a program", command: "sc version --json" }],
  shows: true,
  load: async () => (await import("../actions/version.ts")).tellVersion,
};
