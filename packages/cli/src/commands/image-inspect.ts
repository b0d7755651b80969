import type { CommandDefinition } from "../command.ts";
import { image, platform } from "../options/image.ts";
import { registryOptions } from "../options/registry.ts";

/** `sc image inspect`. */
export const imageInspect: CommandDefinition = {
  path: ["image", "inspect"],
  summary: "show an image's digest, platform, layers, configuration",
  options: [image, platform],
  groups: [registryOptions],
  examples: [
    { comment: "what a tag stands for now", command: "sc image inspect -i alpine:3.19" },
    { comment: "the digest alone", command: "sc image inspect -i alpine:3.19 --json | jq -r .digest" },
  ],
  shows: true,
  load: async () => (await import("../actions/image-inspect.ts")).inspect,
};
