import { blobArgument } from "../blob.ts";
import type { CommandDefinition } from "../command.ts";
import { output } from "../options/documents.ts";
import { verifyingOptions } from "../options/signing.ts";
import { predicateSuggestions } from "../options/suggestions.ts";

/** `sc blob verify`. */
export const blobVerify: CommandDefinition = {
  path: ["blob", "verify"],
  aliases: [["verify-blob"], ["verify-blob-attestation"]],
  summary: "verify who signed a file, or stated what about it",
  description:
    "Reads FILE.sigstore.json or FILE.sigstore beside the file, cosign's older bundle, or a signature alone. A statement about the file is no signature of it: --type says that one is wanted.",
  arguments: [{ ...blobArgument, summary: "the file, - for standard input, or sha256:… for a statement about it" }],
  options: [
    { name: "bundle", kind: "text", placeholder: "FILE", summary: "the bundle; default the one beside the file" },
    {
      name: "signature",
      kind: "text",
      placeholder: "FILE",
      summary: "a signature alone, base64 or raw, in place of a bundle",
    },
    {
      name: "type",
      kind: "text",
      suggestions: predicateSuggestions,
      placeholder: "TYPE",
      summary: "verify a statement of this type: URI or name",
    },
    { ...output, summary: "write what the statement says to this file" },
  ],
  groups: [verifyingOptions],
  examples: [
    { comment: "by a public key", command: "sc blob verify app.tar --key cosign.pub" },
    {
      comment: "a signature of openssl",
      command: "sc blob verify app.tar --key release.pub --signature app.tar.sig",
    },
  ],
  load: async () => (await import("../actions/blob-verify.ts")).verifyFile,
};
