import type { OptionDefinition } from "../command.ts";

/** Where the password of a private key comes from, when it is not asked for. */
export const passwordOptions: readonly OptionDefinition[] = [
  {
    name: "password",
    kind: "text",
    placeholder: "TEXT",
    secret: true,
    variables: ["SC_KEY_PASSWORD", "COSIGN_PASSWORD"],
    summary: "password of the private key; better in the variable",
  },
  {
    name: "password-file",
    kind: "text",
    placeholder: "FILE",
    summary: "file that holds the password of the private key",
  },
  {
    name: "password-fd",
    kind: "text",
    placeholder: "N",
    onlyHere: true,
    summary: "open file descriptor to read it from",
  },
];
