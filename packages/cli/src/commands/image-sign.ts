import type { CommandDefinition } from "../command.ts";
import { imagesArgument, imagesOption } from "../named-images.ts";
import { registryOptions } from "../options/registry.ts";
import { artifactRepository, keylessOptions, signingOptions, storage } from "../options/signing.ts";

/** `sc image sign`. */
export const imageSign: CommandDefinition = {
  path: ["image", "sign"],
  aliases: [["sign"]],
  summary: "sign images with a key or by identity",
  description:
    "Stores the signature as a Sigstore bundle among the image's referrers and under cosign's tag, so that every verifier finds it. Signing again with the same key adds nothing.",
  arguments: [imagesArgument],
  options: [
    imagesOption,
    {
      name: "annotation",
      short: "a",
      kind: "text",
      placeholder: "K=V",
      repeatable: true,
      summary: "what the signature says besides",
    },
    { name: "recursive", short: "r", kind: "flag", summary: "sign every image that an index names too" },
    storage,
    artifactRepository,
  ],
  groups: [signingOptions, keylessOptions, registryOptions],
  examples: [
    { comment: "with a key of sc key generate", command: "sc image sign -i ghcr.io/acme/api:1.4.2 --key cosign.key" },
    { comment: "in a CI job, by its identity", command: "sc image sign -i ghcr.io/acme/api:1.4.2 --keyless" },
    { comment: "saying what for", command: "sc sign -i ghcr.io/acme/api:1.4.2 --key cosign.key -a env=production" },
  ],
  load: async () => (await import("../actions/image-sign.ts")).signImages,
};
