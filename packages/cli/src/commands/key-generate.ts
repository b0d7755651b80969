import type { CommandDefinition } from "../command.ts";

/** `sc key generate`. */
export const keyGenerate: CommandDefinition = {
  path: ["key", "generate"],
  summary: "make a key pair to sign with",
  description:
    "Writes PREFIX.key, encrypted in cosign's format, and PREFIX.pub. The password comes from COSIGN_PASSWORD or is asked for; it may be empty. Files that exist are not overwritten.",
  options: [
    {
      name: "output-key-prefix",
      kind: "text",
      placeholder: "PREFIX",
      default: "cosign",
      summary: "path of both files without their ending",
    },
    {
      name: "algorithm",
      kind: "text",
      default: "ecdsa-p256",
      choices: async () => (await import("@sc/sign")).keyAlgorithms,
      summary: "kind of key",
    },
    {
      name: "password",
      kind: "text",
      placeholder: "TEXT",
      secret: true,
      variables: ["COSIGN_PASSWORD"],
      summary: "password for the private key; better in the variable",
    },
  ],
  examples: [
    { comment: "cosign.key and cosign.pub in this directory", command: "sc key generate" },
    { comment: "another name and kind", command: "sc key generate --output-key-prefix release --algorithm ed25519" },
  ],
  load: async () => (await import("../actions/key-generate.ts")).generateKey,
};
