import type { CommandDefinition } from "../command.ts";
import { database } from "../options/database.ts";
import { registryOptions } from "../options/registry.ts";
import { keylessOptions, signingOptions } from "../options/signing.ts";

/** `sc db push`. */
export const dbPush: CommandDefinition = {
  path: ["db", "push"],
  summary: "store the signed database in a registry or layout",
  description:
    "Stores the database as an artifact with a layer for each ecosystem. Without --key or --keyless the signature it came with is given on; a database without any is not stored.",
  arguments: [{ name: "REF", summary: "where to store it", required: true }],
  options: [database],
  groups: [signingOptions, keylessOptions, registryOptions],
  examples: [
    { comment: "signed with a key", command: "sc db push ghcr.io/acme/advisories:1 --key cosign.key" },
    { comment: "signed by a CI job's identity", command: "sc db push ghcr.io/acme/advisories:1 --keyless" },
  ],
  load: async () => (await import("../actions/db-push.ts")).push,
};
