import type { CommandDefinition } from "../command.ts";
import { image } from "../options/image.ts";
import { registryOptions } from "../options/registry.ts";

/** `sc image tree`. */
export const imageTree: CommandDefinition = {
  path: ["image", "tree"],
  aliases: [["tree"]],
  summary: "show an image's platforms, signatures and attestations",
  description: "Shows what is attached, without verifying it: sc image verify says whose it is.",
  options: [image],
  groups: [registryOptions],
  examples: [{ comment: "everything that belongs to an image", command: "sc image tree -i ghcr.io/acme/api:1.4.2" }],
  shows: true,
  load: async () => (await import("../actions/image-tree.ts")).showTree,
};
