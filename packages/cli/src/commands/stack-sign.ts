import type { CommandDefinition } from "../command.ts";
import { stackCommand } from "../options/stack-command.ts";

/** `sc stack sign`. */
export const stackSign: CommandDefinition = {
  ...stackCommand,
  path: ["stack", "sign"],
  summary: "sign every image of a stack and verify the signatures",
  examples: [{ comment: "all services of a stack", command: "sc stack sign -s shop -e production" }],
  load: async () => (await import("../actions/stack.ts")).sign,
};
