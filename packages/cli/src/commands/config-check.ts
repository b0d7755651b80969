import type { CommandDefinition } from "../command.ts";
import { configurationFile, configurationOptions } from "../options/configuration.ts";

/** `sc config check`. */
export const configCheck: CommandDefinition = {
  path: ["config", "check"],
  summary: "check a configuration and everything it inherits",
  description: "Says what is enabled, or what is wrong with file, line and path. Nothing is connected to.",
  arguments: [configurationFile],
  options: configurationOptions,
  examples: [
    { comment: "a stack in an environment", command: "sc config check -s shop -e production" },
    { comment: "a file", command: "sc config check sc.yaml" },
  ],
  load: async () => (await import("../actions/config-check.ts")).checkConfiguration,
};
