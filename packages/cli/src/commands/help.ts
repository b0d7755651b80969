import type { CommandDefinition } from "../command.ts";

/** `sc help`. */
export const help: CommandDefinition = {
  path: ["help"],
  summary: "explain a command, an error code, exit codes, variables",
  arguments: [
    {
      name: "TOPIC",
      summary: "a command, an error code, exit-codes, environment or errors",
      repeatable: true,
    },
  ],
  options: [],
  examples: [
    { comment: "what a command does", command: "sc help image scan" },
    { comment: "what an error means", command: "sc help SC-CLI-UNKNOWN" },
  ],
  shows: true,
  load: async () => (await import("../actions/help.ts")).explain,
};
