import type { CommandDefinition } from "../command.ts";
import { documentFormat, exclude, outputs } from "../options/documents.ts";
import { allPlatforms, image, platform, scope } from "../options/image.ts";
import { limitOptions } from "../options/limits.ts";
import { registryOptions } from "../options/registry.ts";

/** `sc sbom generate`. */
export const sbomGenerate: CommandDefinition = {
  path: ["sbom", "generate"],
  summary: "list what is in an image as CycloneDX or SPDX",
  description:
    "Reads every layer once and extracts nothing. The same image gives the same bytes on every run. Without a file the document goes to standard output.",
  options: [
    image,
    platform,
    allPlatforms,
    scope,
    documentFormat,
    outputs,
    exclude,
    { name: "declared", kind: "flag", summary: "also what lock files and manifests declare" },
  ],
  groups: [registryOptions, limitOptions],
  examples: [
    { comment: "CycloneDX to standard output", command: "sc sbom generate -i alpine:3.19" },
    {
      comment: "both formats in one pass",
      command: "sc sbom generate -i alpine:3.19 --format cyclonedx-json=a.cdx.json --format spdx-json=a.spdx.json",
    },
    {
      comment: "one for each platform of an index",
      command: "sc sbom generate -i alpine:3.19 --all-platforms --format spdx-json=a.{platform}.spdx.json",
    },
  ],
  load: async () => (await import("../actions/sbom-generate.ts")).generate,
};
