import type { CommandDefinition } from "../command.ts";
import { database } from "../options/database.ts";

/** `sc db build`. */
export const dbBuild: CommandDefinition = {
  path: ["db", "build"],
  summary: "build the advisory database from OSV exports",
  description:
    "Reads folders of OSV records, OSV's all.zip files or single records. The new database replaces the old one in one step; readers are not disturbed.",
  options: [
    {
      name: "from",
      kind: "text",
      placeholder: "PATH",
      repeatable: true,
      required: true,
      summary: "folder, all.zip or record to read",
    },
    database,
  ],
  examples: [
    { comment: "from a folder of records", command: "sc db build --from ./advisories" },
    {
      comment: "several ecosystems, into a folder of its own",
      command: "sc db build --from npm.zip --from debian.zip --db ./db",
    },
  ],
  load: async () => (await import("../actions/db-build.ts")).build,
};
