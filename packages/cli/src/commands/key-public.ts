import type { CommandDefinition } from "../command.ts";
import { output } from "../options/documents.ts";
import { signingOptions } from "../options/signing.ts";

/** `sc key public`. */
export const keyPublic: CommandDefinition = {
  path: ["key", "public"],
  summary: "print the public half of a private key",
  options: [output],
  groups: [{ ...signingOptions, title: "Key" }],
  examples: [
    { comment: "of an encrypted key, into a file", command: "sc key public --key cosign.key --output cosign.pub" },
  ],
  shows: true,
  load: async () => (await import("../actions/key-public.ts")).showPublicKey,
};
