import type { CommandDefinition } from "../command.ts";
import { database } from "../options/database.ts";

/** `sc db status`. */
export const dbStatus: CommandDefinition = {
  path: ["db", "status"],
  summary: "show what the advisory database holds and how old it is",
  options: [database, { name: "all", kind: "flag", summary: "every ecosystem, not only the largest ten" }],
  examples: [{ comment: "the database that sc image scan uses", command: "sc db status" }],
  load: async () => (await import("../actions/db-status.ts")).showStatus,
};
