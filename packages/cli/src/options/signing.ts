import type { OptionGroup } from "../command.ts";

/** With what is signed. */
export const signingOptions: OptionGroup = {
  title: "Signing",
  options: [
    { name: "key", kind: "text", placeholder: "KEY", summary: "private key: a PEM file or env://NAME" },
    {
      name: "password",
      kind: "text",
      placeholder: "TEXT",
      secret: true,
      variables: ["COSIGN_PASSWORD"],
      summary: "password of an encrypted key; better in the variable",
    },
  ],
};
