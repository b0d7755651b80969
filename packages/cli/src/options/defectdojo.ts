import type { OptionGroup } from "../command.ts";

/** Where findings are uploaded to. */
export const defectDojoOptions: OptionGroup = {
  title: "DefectDojo options",
  options: [
    { name: "upload-defectdojo", kind: "flag", onlyHere: true, summary: "upload the findings to DefectDojo" },
    { name: "defectdojo-url", kind: "text", placeholder: "URL", summary: "the server's address, over https" },
    {
      name: "defectdojo-api-key",
      kind: "text",
      placeholder: "KEY",
      secret: true,
      variables: ["DEFECTDOJO_API_KEY"],
      summary: "a key of API version 2; better given as variable",
    },
    { name: "defectdojo-engagement-id", kind: "count", placeholder: "N", summary: "the engagement, by its number" },
    { name: "defectdojo-engagement-name", kind: "text", placeholder: "NAME", summary: "the engagement, by its name" },
    { name: "defectdojo-product-id", kind: "count", placeholder: "N", summary: "the engagement's product, by number" },
    {
      name: "defectdojo-product-name",
      kind: "text",
      placeholder: "NAME",
      summary: "the engagement's product, by name",
    },
    {
      name: "defectdojo-test-type",
      kind: "text",
      placeholder: "TYPE",
      choices: async () => (await import("@sc/pipeline")).defectDojoScanTypes,
      default: "Trivy Scan",
      summary: "the form of the report, by DefectDojo's name",
    },
    { name: "defectdojo-environment", kind: "text", placeholder: "NAME", summary: "such as Production" },
    {
      name: "defectdojo-tags",
      kind: "text",
      placeholder: "TAG",
      repeatable: true,
      summary: "a tag of the upload",
    },
    {
      name: "defectdojo-auto-create",
      kind: "flag",
      summary: "make product and engagement where they are missing",
    },
  ],
};
