import type { CommandDefinition } from "../command.ts";
import { imagesArgument, imagesOption } from "../named-images.ts";
import { limitOptions } from "../options/limits.ts";
import { registryOptions } from "../options/registry.ts";
import { artifactRepository, keylessOptions, signingOptions, storage, trustOptions } from "../options/signing.ts";

/** `sc image sign`. */
export const imageSign: CommandDefinition = {
  path: ["image", "sign"],
  aliases: [["sign"]],
  summary: "sign images with a key or by identity",
  description:
    "Stores the signature as a Sigstore bundle among the image's referrers and under cosign's tag, so that every verifier finds it. Signing again with the same key adds nothing. With --sbom, --provenance or --verify every image goes through the chain of sc secure: all that is asked for must hold, or the command ends in 1.",
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
    { name: "sbom", kind: "flag", summary: "make a CycloneDX document and attest it" },
    { name: "provenance", kind: "flag", summary: "attest how this build was made" },
    { name: "verify", kind: "flag", summary: "verify afterwards what was signed" },
    { name: "fail-fast", kind: "flag", summary: "begin no further image after one that does not pass" },
    { name: "generate-key", kind: "flag", summary: "make the key pair of --key where there is none" },
    storage,
    artifactRepository,
    ...trustOptions,
  ],
  groups: [signingOptions, keylessOptions, registryOptions, limitOptions],
  examples: [
    { comment: "with a key of sc key generate", command: "sc image sign -i ghcr.io/acme/api:1.4.2 --key cosign.key" },
    { comment: "in a CI job, by its identity", command: "sc image sign -i ghcr.io/acme/api:1.4.2 --keyless" },
    {
      comment: "all that a release needs, for three images",
      command: "sc sign REF REF REF --key cosign.key --generate-key --sbom --provenance --verify",
    },
    { comment: "saying what for", command: "sc sign -i ghcr.io/acme/api:1.4.2 --key cosign.key -a env=production" },
  ],
  load: async () => (await import("../actions/image-sign.ts")).signImages,
};
