import type { CommandDefinition } from "../command.ts";
import { database } from "../options/database.ts";

/** `sc db build`. */
export const dbBuild: CommandDefinition = {
  path: ["db", "build"],
  summary: "build the advisory database from published advisories",
  description:
    "Reads folders, OSV's all.zip files and single files: OSV records in JSON or YAML, Alpine's, Wolfi's and Chainguard's lists of fixes (main.json, security.json), Debian's security tracker. The new database replaces the old one in one step; readers are not disturbed.",
  options: [
    {
      name: "from",
      kind: "text",
      placeholder: "PATH",
      repeatable: true,
      required: true,
      summary: "folder, zip or file of advisories to read",
    },
    {
      name: "epss",
      kind: "text",
      placeholder: "FILE",
      summary: "FIRST's epss_scores .csv or .csv.gz: how likely exploitation is",
    },
    {
      name: "kev",
      kind: "text",
      placeholder: "FILE",
      summary: "CISA's JSON list of known exploited vulnerabilities",
    },
    database,
  ],
  examples: [
    { comment: "from a folder of records", command: "sc db build --from ./advisories" },
    { comment: "from Debian's own tracker", command: "sc db build --from debian-tracker.json" },
    {
      comment: "several ecosystems, into a folder of its own",
      command: "sc db build --from npm.zip --from debian.zip --db ./db",
    },
  ],
  load: async () => (await import("../actions/db-build.ts")).build,
};
