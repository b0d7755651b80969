import type { CommandDefinition } from "../command.ts";
import { output } from "../options/documents.ts";
import { image } from "../options/image.ts";
import { registryOptions } from "../options/registry.ts";
import { artifactRepository, verifyingOptions } from "../options/signing.ts";

/** `sc provenance verify`. */
export const provenanceVerify: CommandDefinition = {
  path: ["provenance", "verify"],
  summary: "verify how an image was built",
  description:
    "The signer must be accepted and may speak for the builder it names; the source must be the expected one. The SLSA level is decided by a table of builders, never by the document.",
  options: [
    image,
    {
      name: "expected-source-uri",
      aliases: ["source-uri"],
      kind: "text",
      placeholder: "URI",
      required: true,
      summary: "the repository it must be built from",
    },
    {
      name: "expected-builder-id",
      aliases: ["builder-id"],
      kind: "text",
      placeholder: "ID",
      summary: "exact id of the builder",
    },
    { name: "expected-commit", kind: "text", placeholder: "SHA", summary: "exact commit, in full" },
    {
      name: "expected-branch",
      aliases: ["source-branch"],
      kind: "text",
      placeholder: "NAME",
      summary: "the branch it must be built from",
    },
    {
      name: "expected-tag",
      aliases: ["source-tag"],
      kind: "text",
      placeholder: "NAME",
      summary: "the tag it must be built from",
    },
    {
      name: "expected-versioned-tag",
      aliases: ["source-versioned-tag"],
      kind: "text",
      placeholder: "NAME",
      summary: "beginning of the tag's version: v1.2 is v1.2.3 too, never v1.20",
    },
    {
      name: "expected-workflow-input",
      aliases: ["build-workflow-input"],
      kind: "text",
      placeholder: "NAME=VALUE",
      repeatable: true,
      summary: "with what a GitHub workflow must have been started by hand",
    },
    {
      name: "min-level",
      kind: "text",
      choices: ["1", "2", "3"],
      summary: "least SLSA build level",
    },
    { name: "expected-digest", kind: "text", placeholder: "DIGEST", summary: "what the image must resolve to" },
    output,
    { name: "vsa", kind: "text", placeholder: "FILE", summary: "write a summary of the verification, to be attested" },
    { name: "verifier-id", kind: "text", placeholder: "URI", summary: "who verified, for the summary" },
    artifactRepository,
  ],
  groups: [verifyingOptions, registryOptions],
  examples: [
    {
      comment: "built from this repository, whoever signed with the key",
      command:
        "sc provenance verify -i ghcr.io/acme/api:1.4.2 --key cosign.pub --expected-source-uri github.com/acme/api",
    },
  ],
  load: async () => (await import("../actions/provenance-verify.ts")).verify,
};
