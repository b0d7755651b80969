import type { CommandDefinition } from "../command.ts";
import { stackOptions } from "./configuration.ts";
import { database, skipUpdate } from "./database.ts";
import { failOn } from "./gate.ts";
import { platform } from "./image.ts";
import { limitOptions } from "./limits.ts";
import { registryOptions } from "./registry.ts";
import { artifactRepository, keylessOptions, pairOptions, trustOptions } from "./signing.ts";

/** What the commands that do one thing to every image of a stack have in common. */
export const stackCommand: Pick<CommandDefinition, "description" | "options" | "groups"> = {
  description:
    "Does it as the stack's configuration says, whether it is enabled there or not; where it cannot be done, the command fails.",
  options: [
    ...stackOptions,
    {
      name: "output",
      short: "o",
      kind: "text",
      placeholder: "DIR",
      summary: "write documents and reports to this folder",
    },
    failOn,
    platform,
    database,
    skipUpdate,
    artifactRepository,
    ...trustOptions,
  ],
  groups: [pairOptions, keylessOptions, registryOptions, limitOptions],
};
