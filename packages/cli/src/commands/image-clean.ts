import type { CommandDefinition } from "../command.ts";
import { attachmentKinds } from "../options/attachments.ts";
import { image } from "../options/image.ts";
import { registryOptions } from "../options/registry.ts";
import { artifactRepository } from "../options/signing.ts";

/** `sc image clean`. */
export const imageClean: CommandDefinition = {
  path: ["image", "clean"],
  aliases: [["clean"]],
  summary: "remove what is attached to an image; the image stays",
  description:
    "Shows what would go, and removes it with --yes alone. Whoever verifies the image afterwards finds nothing. A tag of cosign's goes whole, with everything that it holds.",
  options: [
    image,
    {
      name: "type",
      kind: "text",
      choices: ["all", ...attachmentKinds],
      default: "all",
      summary: "only this kind",
    },
    { name: "yes", short: "y", kind: "flag", onlyHere: true, summary: "remove it" },
    artifactRepository,
  ],
  groups: [registryOptions],
  examples: [
    { comment: "see what would go", command: "sc image clean -i ghcr.io/acme/api:1.4.2" },
    { comment: "all signatures", command: "sc image clean -i ghcr.io/acme/api:1.4.2 --type signature --yes" },
  ],
  load: async () => (await import("../actions/image-clean.ts")).clean,
};
