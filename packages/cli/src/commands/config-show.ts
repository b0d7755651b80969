import type { CommandDefinition } from "../command.ts";
import { configurationFile, configurationOptions } from "../options/configuration.ts";

/** `sc config show`. */
export const configShow: CommandDefinition = {
  path: ["config", "show"],
  summary: "show the configuration that holds, secrets left out",
  description:
    "Every value after inheritance and with defaults. What stands for a variable or a secret is shown as it is written.",
  arguments: [configurationFile],
  options: [
    ...configurationOptions,
    { name: "origin", kind: "flag", summary: "say in which file and line each value was set" },
  ],
  examples: [{ comment: "where each value comes from", command: "sc config show -s shop -e production --origin" }],
  shows: true,
  load: async () => (await import("../actions/config-show.ts")).showConfiguration,
};
