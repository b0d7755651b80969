import type { CommandDefinition } from "../command.ts";
import { documentArgument } from "../options/document.ts";
import { documentFormat, exclude, outputs } from "../options/documents.ts";

/** `sc sbom convert`. */
export const sbomConvert: CommandDefinition = {
  path: ["sbom", "convert"],
  summary: "write a document in another format",
  description:
    "The format that is read is told by the content: CycloneDX in JSON and XML, SPDX 2 in JSON and tag-value, SPDX 3, syft JSON. What the other format has no field for is lost.",
  arguments: [documentArgument],
  options: [documentFormat, outputs, exclude],
  examples: [
    { comment: "SPDX to CycloneDX", command: "sc sbom convert api.spdx.json -o api.cdx.json" },
    { comment: "for a tool that reads only XML", command: "sc sbom convert api.cdx.json --format cyclonedx-xml@1.5" },
    {
      comment: "without the company's own packages",
      command: "sc sbom convert api.cdx.json --exclude 'pkg:npm/%40acme/*' -o public.cdx.json",
    },
  ],
  load: async () => (await import("../actions/sbom-convert.ts")).convert,
};
