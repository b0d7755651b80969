import { blobArgument } from "../blob.ts";
import type { CommandDefinition } from "../command.ts";
import { keylessOptions, signingOptions } from "../options/signing.ts";
import { predicateSuggestions } from "../options/suggestions.ts";

/** `sc blob sign`. */
export const blobSign: CommandDefinition = {
  path: ["blob", "sign"],
  aliases: [["sign-blob"], ["attest-blob"]],
  summary: "sign a file, or a statement about it",
  description:
    "Writes a Sigstore bundle beside the file, FILE.sigstore.json, which cosign verify-blob --bundle reads. With --type and --predicate the bundle holds a statement about the file instead.",
  arguments: [blobArgument],
  options: [
    { name: "bundle", kind: "text", placeholder: "FILE", summary: "where the bundle goes; default beside the file" },
    {
      name: "output-signature",
      kind: "text",
      placeholder: "FILE",
      summary: "write the signature alone too, in base64",
    },
    {
      name: "type",
      kind: "text",
      suggestions: predicateSuggestions,
      placeholder: "TYPE",
      summary: "sign a statement of this type: URI or name",
    },
    { name: "predicate", kind: "text", placeholder: "FILE", summary: "what is stated, JSON or text" },
  ],
  groups: [signingOptions, keylessOptions],
  examples: [
    { comment: "app.tar.sigstore.json beside it", command: "sc blob sign app.tar --key cosign.key" },
    {
      comment: "a signature that openssl verifies",
      command: "sc blob sign app.tar --key cosign.key --output-signature app.tar.sig",
    },
  ],
  load: async () => (await import("../actions/blob-sign.ts")).signFile,
};
