import type { CommandDefinition } from "../command.ts";
import { onlyNew } from "../options/gate.ts";
import { stackCommand } from "../options/stack-command.ts";

/** `sc stack scan`. */
export const stackScan: CommandDefinition = {
  ...stackCommand,
  path: ["stack", "scan"],
  options: [...stackCommand.options, onlyNew],
  summary: "scan every image of a stack by its gates",
  examples: [{ comment: "all services of a stack", command: "sc stack scan -s shop -e production" }],
  load: async () => (await import("../actions/stack.ts")).scan,
};
