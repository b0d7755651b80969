import type { CommandDefinition } from "../command.ts";
import { keyFileOptions } from "../options/key-files.ts";
import { passwordOptions } from "../options/password.ts";

/** `sc key generate`. */
export const keyGenerate: CommandDefinition = {
  path: ["key", "generate"],
  summary: "make a key pair to sign with",
  description:
    "Writes PREFIX.key, encrypted in cosign's format, and PREFIX.pub. The password comes from COSIGN_PASSWORD, a file, a descriptor, or is asked for; it may be empty. Files that exist are not overwritten.",
  options: [
    ...keyFileOptions("cosign"),
    {
      name: "algorithm",
      kind: "text",
      default: "ecdsa-p256",
      choices: async () => (await import("@sc/sign")).keyAlgorithms,
      summary: "kind of key",
    },
    ...passwordOptions,
  ],
  examples: [
    { comment: "cosign.key and cosign.pub in this directory", command: "sc key generate" },
    { comment: "another name and kind", command: "sc key generate --output-key-prefix release --algorithm ed25519" },
  ],
  load: async () => (await import("../actions/key-generate.ts")).generateKey,
};
