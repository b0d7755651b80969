import type { CommandDefinition } from "../command.ts";
import { database, ecosystem } from "../options/database.ts";
import { verifyingOptions } from "../options/signing.ts";

/** `sc db import`. */
export const dbImport: CommandDefinition = {
  path: ["db", "import"],
  summary: "take over an advisory database from a file",
  description:
    "Takes over what sc db export wrote, a file or a folder, and opens no network connection. Its signature is verified before anything is used: either keys or one identity with its issuer must be named.",
  arguments: [{ name: "FILE", summary: "file or folder that sc db export wrote", required: true }],
  options: [ecosystem, database],
  groups: [verifyingOptions],
  examples: [{ comment: "by a public key", command: "sc db import advisories.tar --key advisories.pub" }],
  load: async () => (await import("../actions/db-import.ts")).importFile,
};
