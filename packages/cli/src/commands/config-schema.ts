import type { CommandDefinition } from "../command.ts";

/** `sc config schema`. */
export const configSchema: CommandDefinition = {
  path: ["config", "schema"],
  summary: "print the JSON Schema of configuration files",
  arguments: [{ name: "KIND", summary: "file (default) or stack", choices: ["file", "stack"] }],
  options: [],
  examples: [{ comment: "for an editor", command: "sc config schema > sc.schema.json" }],
  shows: true,
  load: async () => (await import("../actions/config-schema.ts")).printSchema,
};
