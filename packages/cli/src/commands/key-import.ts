import type { CommandDefinition } from "../command.ts";
import { keyFileOptions } from "../options/key-files.ts";
import { passwordOptions } from "../options/password.ts";

/** `sc key import`. */
export const keyImport: CommandDefinition = {
  path: ["key", "import"],
  summary: "write a private key of another tool in cosign's format",
  description:
    "Reads PKCS#8, SEC1 and PKCS#1 in PEM, and cosign's own format to change its password. Writes PREFIX.key, encrypted, and PREFIX.pub, as sc key generate does.",
  options: [
    { name: "key", kind: "text", placeholder: "FILE", required: true, summary: "the private key, PEM" },
    {
      name: "old-password-file",
      kind: "text",
      placeholder: "FILE",
      summary: "file that holds the password it has now; else asked for",
    },
    ...keyFileOptions("import-cosign"),
    ...passwordOptions,
  ],
  examples: [
    { comment: "a key of openssl", command: "sc key import --key openssl.pem --output-key-prefix release" },
    {
      comment: "another password for a key of cosign",
      command: "sc key import --key cosign.key --old-password-file old --password-file new --output-key-prefix rotated",
    },
  ],
  load: async () => (await import("../actions/key-import.ts")).importKey,
};
