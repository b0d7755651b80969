import type { CommandDefinition } from "../command.ts";
import { database, ecosystem, maxAge } from "../options/database.ts";
import { registryOptions } from "../options/registry.ts";
import { verifyingOptions } from "../options/signing.ts";

/** `sc db update`. */
export const dbUpdate: CommandDefinition = {
  path: ["db", "update"],
  summary: "fetch the newest advisory database from a mirror",
  description:
    "Asks the mirrors in turn for the files that sc db export DIR wrote, and takes the first database with an accepted signature; files that are here already are not fetched again. When no mirror answers, a database that is young enough is gone on with and a warning says so. A signature that is not accepted always fails.",
  options: [
    {
      name: "mirror",
      aliases: ["from"],
      kind: "text",
      placeholder: "URL",
      repeatable: true,
      required: true,
      summary: "https:// address of the files; asked in this order",
    },
    ecosystem,
    maxAge,
    database,
  ],
  groups: [verifyingOptions, registryOptions],
  examples: [
    {
      comment: "from two mirrors",
      command: "sc db update --mirror https://a.example/db --mirror https://b.example/db --key advisories.pub",
    },
    {
      comment: "only what a Debian image with npm packages needs",
      command: "sc db update --mirror https://a.example/db --key advisories.pub --ecosystem Debian --ecosystem npm",
    },
  ],
  load: async () => (await import("../actions/db-update.ts")).update,
};
