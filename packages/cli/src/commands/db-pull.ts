import type { CommandDefinition } from "../command.ts";
import { database, ecosystem } from "../options/database.ts";
import { registryOptions } from "../options/registry.ts";
import { verifyingOptions } from "../options/signing.ts";

/** `sc db pull`. */
export const dbPull: CommandDefinition = {
  path: ["db", "pull"],
  summary: "fetch a database from a registry or layout",
  description:
    "Takes over a database that sc db push has stored. Its signature is verified before anything is used: either keys or one identity with its issuer must be named. Of its layers only those that are wanted and not here are pulled.",
  arguments: [{ name: "REF", summary: "where sc db push stored it", required: true }],
  options: [ecosystem, database],
  groups: [verifyingOptions, registryOptions],
  examples: [
    { comment: "by a public key", command: "sc db pull ghcr.io/acme/advisories:1 --key advisories.pub" },
    { comment: "one ecosystem", command: "sc db pull ghcr.io/acme/advisories:1 --key advisories.pub --ecosystem npm" },
  ],
  load: async () => (await import("../actions/db-pull.ts")).pull,
};
