import type { CommandDefinition } from "../command.ts";
import { documentArgument } from "../options/document.ts";

/** `sc sbom licenses`. */
export const sbomLicenses: CommandDefinition = {
  path: ["sbom", "licenses"],
  summary: "count licences in a document, hold them to a policy",
  description:
    "Of licences joined by OR one must be acceptable, of those joined by AND all. Licences are named as SPDX writes them and compared exactly.",
  arguments: [documentArgument],
  options: [
    { name: "allow", kind: "text", placeholder: "LICENCE", repeatable: true, summary: "only these are acceptable" },
    { name: "deny", kind: "text", placeholder: "LICENCE", repeatable: true, summary: "these are not acceptable" },
    { name: "deny-unknown", kind: "flag", summary: "nor is a package whose licence is not known" },
  ],
  examples: [
    { comment: "what is there", command: "sc sbom licenses api.cdx.json" },
    { comment: "fail on one licence", command: "sc sbom licenses api.cdx.json --deny AGPL-3.0-only" },
  ],
  shows: true,
  load: async () => (await import("../actions/sbom-licenses.ts")).licenses,
};
