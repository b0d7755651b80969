import type { CommandDefinition } from "../command.ts";
import { documentArgument } from "../options/document.ts";

/** `sc sbom query`. */
export const sbomQuery: CommandDefinition = {
  path: ["sbom", "query"],
  summary: "find packages in a document",
  description:
    "All conditions must hold. A text matches whole; * in it stands for anything. Nothing found is exit code 1.",
  arguments: [documentArgument],
  options: [
    { name: "type", kind: "text", placeholder: "TYPE", summary: "purl type: deb, npm, pypi …" },
    { name: "name", kind: "text", placeholder: "NAME", summary: "name, with its scope or group" },
    { name: "license", kind: "text", placeholder: "LICENCE", summary: "SPDX identifier, or the text declared" },
    { name: "cpe", kind: "text", placeholder: "CPE", summary: "one of its CPEs" },
    { name: "path", kind: "text", placeholder: "PATH", summary: "a place where it was found" },
  ],
  examples: [
    { comment: "where log4j is", command: "sc sbom query api.cdx.json --type maven --name '*:log4j-core'" },
    { comment: "what the GPL covers", command: "sc sbom query api.cdx.json --license 'GPL-*'" },
  ],
  shows: true,
  load: async () => (await import("../actions/sbom-query.ts")).query,
};
