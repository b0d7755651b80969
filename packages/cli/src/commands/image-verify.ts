import type { CommandDefinition } from "../command.ts";
import { imagesArgument, imagesOption } from "../named-images.ts";
import { database, skipUpdate } from "../options/database.ts";
import { limitOptions } from "../options/limits.ts";
import { registryOptions } from "../options/registry.ts";
import { artifactRepository, storage, verifyingOptions } from "../options/signing.ts";

/** `sc image verify`. */
export const imageVerify: CommandDefinition = {
  path: ["image", "verify"],
  aliases: [["verify"]],
  summary: "verify who signed images",
  description:
    "Looks for Sigstore bundles among the image's referrers and under cosign's tag. Either keys or one identity with its issuer must be named: whoever is not named is not accepted. SBOMs and provenance count as there only when an accepted signer attests them. Ends in 1 when an image does not pass.",
  arguments: [imagesArgument],
  options: [
    imagesOption,
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
    { name: "recursive", short: "r", kind: "flag", summary: "every image of an index must be signed itself too" },
    {
      name: "require",
      kind: "text",
      placeholder: "KIND",
      repeatable: true,
      choices: ["sbom", "provenance"],
      summary: "fail where no attested one is accepted",
    },
    {
      name: "severity",
      kind: "text",
      placeholder: "LIST",
      summary: "fail where packages have vulnerabilities of these, by commas",
    },
    { name: "no-vuln-check", kind: "flag", summary: "compare no packages, whatever --severity says" },
    {
      name: "signed-repository",
      kind: "text",
      placeholder: "REPO",
      summary: "the repository it must have been signed under",
    },
    { ...storage, summary: "where to look: for bundles, under cosign's tags, or both" },
    artifactRepository,
    database,
    skipUpdate,
  ],
  groups: [verifyingOptions, registryOptions, limitOptions],
  examples: [
    {
      comment: "a gate before a deployment",
      command: "sc verify --organization acme --require sbom --severity critical,high REF REF --report verify.json",
    },
    { comment: "by a public key", command: "sc image verify -i ghcr.io/acme/api:1.4.2 --key cosign.pub" },
    {
      comment: "by an identity, offline from a local copy",
      command:
        "sc verify -i oci-layout:./api --certificate-identity ci@acme.example --oidc-issuer https://accounts.acme.example --offline",
    },
  ],
  load: async () => (await import("../actions/image-verify.ts")).verifyImages,
};
