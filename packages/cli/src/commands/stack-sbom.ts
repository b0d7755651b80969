import type { CommandDefinition } from "../command.ts";
import { stackCommand } from "../options/stack-command.ts";

/** `sc stack sbom`. */
export const stackSbom: CommandDefinition = {
  ...stackCommand,
  path: ["stack", "sbom"],
  summary: "make and attach an SBOM for every image of a stack",
  examples: [{ comment: "all services of a stack", command: "sc stack sbom -s shop -e production" }],
  load: async () => (await import("../actions/stack.ts")).sbom,
};
