import type { CommandDefinition } from "../command.ts";
import { database, maxAge } from "../options/database.ts";
import { verifyingOptions } from "../options/signing.ts";

/** `sc db status`. */
export const dbStatus: CommandDefinition = {
  path: ["db", "status"],
  summary: "show what the advisory database holds and how old it is",
  description:
    "Ends in 2 where there is no database, and in 1 where it is older than --max-db-age or, when keys or an identity are named, not signed by them.",
  options: [database, maxAge, { name: "all", kind: "flag", summary: "every ecosystem, not only the largest ten" }],
  groups: [verifyingOptions],
  examples: [
    { comment: "the database that sc image scan uses", command: "sc db status" },
    { comment: "as a gate for a site's own limit", command: "sc db status --max-db-age 14d --key advisories.pub" },
  ],
  shows: true,
  load: async () => (await import("../actions/db-status.ts")).showStatus,
};
