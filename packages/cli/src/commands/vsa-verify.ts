import type { CommandDefinition } from "../command.ts";
import { output } from "../options/documents.ts";
import { image } from "../options/image.ts";
import { registryOptions } from "../options/registry.ts";
import { artifactRepository, verifyingOptions } from "../options/signing.ts";

/** `sc vsa verify`. */
export const vsaVerify: CommandDefinition = {
  path: ["vsa", "verify"],
  aliases: [["verify-vsa"]],
  summary: "verify what a verifier summed up",
  description:
    "Reads verification summaries of an image, or one in a file. An accepted signer must have signed it about exactly this subject; the expected verifier must have found the expected resource to pass. Who may speak for a verifier is whoever the options accept: name its key or identity.",
  options: [
    { ...image, required: false },
    {
      name: "attestation",
      aliases: ["attestation-path"],
      kind: "text",
      placeholder: "FILE",
      summary: "a summary in a file: a bundle, or an envelope signed by key",
    },
    {
      name: "subject-digest",
      kind: "text",
      placeholder: "DIGEST",
      repeatable: true,
      summary: "what the file's summary must be about: sha256:…, any algorithm",
    },
    { name: "verifier-id", kind: "text", placeholder: "URI", required: true, summary: "who must have verified" },
    {
      name: "resource-uri",
      kind: "text",
      placeholder: "URI",
      summary: "what must have been verified; default REPO@DIGEST of the image",
    },
    { name: "policy-uri", kind: "text", placeholder: "URI", summary: "by which policy" },
    {
      name: "verified-level",
      kind: "text",
      placeholder: "LEVEL",
      repeatable: true,
      summary: "what it must be good for: SLSA_BUILD_LEVEL_2 and above, others exactly",
    },
    { ...output, summary: "write what the summary says to this file" },
    artifactRepository,
  ],
  groups: [verifyingOptions, registryOptions],
  examples: [
    {
      comment: "what the build team's verifier has found",
      command:
        "sc vsa verify -i ghcr.io/acme/api:1.4.2 --key verifier.pub --verifier-id https://acme.example/verifier --verified-level SLSA_BUILD_LEVEL_2",
    },
  ],
  load: async () => (await import("../actions/vsa-verify.ts")).verifySummaries,
};
