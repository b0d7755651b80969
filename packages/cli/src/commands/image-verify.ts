import type { CommandDefinition } from "../command.ts";
import { images } from "../options/image.ts";
import { registryOptions } from "../options/registry.ts";
import { artifactRepository, verifyingOptions } from "../options/signing.ts";

/** `sc image verify`. */
export const imageVerify: CommandDefinition = {
  path: ["image", "verify"],
  aliases: [["verify"]],
  summary: "verify who signed images",
  description:
    "Looks for Sigstore bundles among the image's referrers and under cosign's tag. Either keys or one identity with its issuer must be named: whoever is not named is not accepted. Ends in 1 when an image is not signed as asked.",
  options: [
    images,
    {
      name: "annotation",
      short: "a",
      kind: "text",
      placeholder: "K=V",
      repeatable: true,
      summary: "what the signature must say besides",
    },
    { name: "fail-fast", kind: "flag", summary: "stop at the first image that does not verify" },
    { name: "report", kind: "text", placeholder: "FILE", summary: "write the JSON result here too, whatever it is" },
    artifactRepository,
  ],
  groups: [verifyingOptions, registryOptions],
  examples: [
    { comment: "by a public key", command: "sc image verify -i ghcr.io/acme/api:1.4.2 --key cosign.pub" },
    {
      comment: "by an identity, offline from a local copy",
      command:
        "sc verify -i oci-layout:./api --certificate-identity ci@acme.example --oidc-issuer https://accounts.acme.example --offline",
    },
  ],
  load: async () => (await import("../actions/image-verify.ts")).verifyImages,
};
