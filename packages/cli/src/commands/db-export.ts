import type { CommandDefinition } from "../command.ts";
import { database } from "../options/database.ts";
import { keylessOptions, signingOptions } from "../options/signing.ts";

/** `sc db export`. */
export const dbExport: CommandDefinition = {
  path: ["db", "export"],
  summary: "write the signed advisory database into one file",
  description:
    "Writes a tar that sc db import takes over where there is no network; or, where a folder is named, the files that any web server can offer for sc db update. Without --key or --keyless the signature it came with is given on; a database without any is not written.",
  arguments: [{ name: "FILE", summary: "file to write, or an existing folder", required: true }],
  options: [database],
  groups: [signingOptions, keylessOptions],
  examples: [
    { comment: "for a site without a network", command: "sc db export advisories.tar --key cosign.key" },
    { comment: "for a mirror", command: "sc db export /srv/www/db --key cosign.key" },
  ],
  load: async () => (await import("../actions/db-export.ts")).exportFile,
};
