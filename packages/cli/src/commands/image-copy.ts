import type { CommandDefinition } from "../command.ts";
import { platform } from "../options/image.ts";
import { registryOptions } from "../options/registry.ts";

/** `sc image copy`. */
export const imageCopy: CommandDefinition = {
  path: ["image", "copy"],
  aliases: [["copy"]],
  summary: "copy an image between registries, layouts and archives",
  description:
    "No digest changes, so signatures stay valid; they and everything else that refers to the image are copied too. What is there already is left alone.",
  arguments: [
    { name: "FROM", summary: "the image to copy", required: true },
    { name: "TO", summary: "where to, with the tag it is to have", required: true },
  ],
  options: [platform, { name: "no-referrers", kind: "flag", summary: "the image alone, without what refers to it" }],
  groups: [registryOptions],
  examples: [
    { comment: "into another registry", command: "sc image copy ghcr.io/acme/api:1.4.2 registry.local/acme/api:1.4.2" },
    { comment: "into a folder, to carry away", command: "sc copy ghcr.io/acme/api:1.4.2 oci-layout:./api:1.4.2" },
  ],
  load: async () => (await import("../actions/image-copy.ts")).copy,
};
