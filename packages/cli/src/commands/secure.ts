import type { CommandDefinition } from "../command.ts";
import { configurationOptions } from "../options/configuration.ts";
import { database, skipUpdate } from "../options/database.ts";
import { failOn, onlyNew } from "../options/gate.ts";
import { images, platform } from "../options/image.ts";
import { limitOptions } from "../options/limits.ts";
import { registryOptions } from "../options/registry.ts";
import { runReportOptions } from "../options/run-reports.ts";
import { artifactRepository, keylessOptions, pairOptions, trustOptions } from "../options/signing.ts";

/** `sc secure`. */
export const secure: CommandDefinition = {
  path: ["secure"],
  summary: "do the whole chain: SBOM, scan, sign, attest, verify",
  description:
    "Does what the security block of --config says; without a file it makes a CycloneDX document, scans, and signs and attests where there is a --key. A violated gate stops its image before anything is signed. A step that is not required and fails is a warning; a failed verification always fails. What is attached to an image is asked of its registry and verified in every run; what was read of it within a day is not fetched again, so that only --no-cache and sc image verify notice content that a registry lists and has lost.",
  options: [
    { ...images, required: false },
    ...configurationOptions,
    platform,
    failOn,
    onlyNew,
    {
      name: "output",
      short: "o",
      kind: "text",
      placeholder: "DIR",
      summary: "write documents and reports to this folder",
    },
    ...runReportOptions,
    database,
    skipUpdate,
    artifactRepository,
    ...trustOptions,
  ],
  groups: [pairOptions, keylessOptions, registryOptions, limitOptions],
  examples: [
    {
      comment: "with a key and a gate",
      command: "sc secure -i ghcr.io/acme/api:1.4.2 --key cosign.key --fail-on high",
    },
    {
      comment: "the same each night: the key is opened only for what is new",
      command: "sc secure -i ghcr.io/acme/api:1.4.2 --key cosign.key --public-key cosign.pub",
    },
    { comment: "as the configuration says", command: "sc secure -i ghcr.io/acme/api:1.4.2 --config sc.yaml" },
    {
      comment: "only what a change brought",
      command: "sc secure --config sc.yaml -i api:2 --only-new run-of-main.json",
    },
    { comment: "every image of a stack", command: "sc secure -s shop -e production" },
  ],
  load: async () => (await import("../actions/secure.ts")).secureImages,
};
