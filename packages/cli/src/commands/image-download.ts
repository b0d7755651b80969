import type { CommandDefinition } from "../command.ts";
import { attachmentKinds, predicateType } from "../options/attachments.ts";
import { output } from "../options/documents.ts";
import { image } from "../options/image.ts";
import { registryOptions } from "../options/registry.ts";
import { artifactRepository } from "../options/signing.ts";

/** `sc image download`. */
export const imageDownload: CommandDefinition = {
  path: ["image", "download"],
  aliases: [["download"]],
  summary: "write what is attached to an image, as it stands",
  description:
    "One JSON document a line: bundles and envelopes as they are stored, signatures under a tag as cosign download signature writes them. Nothing of it is verified. Ends in 1 when there is none.",
  arguments: [{ name: "KIND", summary: "what to write", required: true, choices: attachmentKinds }],
  options: [image, predicateType, output, artifactRepository],
  groups: [registryOptions],
  examples: [
    { comment: "all signatures", command: "sc image download signature ghcr.io/acme/api:1.4.2" },
    {
      comment: "one kind of attestation, into a file",
      command: "sc download attestation ghcr.io/acme/api:1.4.2 --predicate-type openvex -o vex.jsonl",
    },
  ],
  load: async () => (await import("../actions/image-download.ts")).download,
};
