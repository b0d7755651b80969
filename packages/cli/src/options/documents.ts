import type { OptionDefinition } from "../command.ts";

/** The formats of documents, where they go: `cyclonedx-json`, `spdx-json=FILE`. */
export const documentFormat: OptionDefinition = {
  name: "format",
  kind: "text",
  placeholder: "FORMAT[=FILE]",
  repeatable: true,
  default: "cyclonedx-json",
  summary: "cyclonedx-json, spdx-json, table …; =FILE into a file",
};

/** The one file a document goes to. */
export const output: OptionDefinition = {
  name: "output",
  short: "o",
  kind: "text",
  placeholder: "FILE",
  summary: "write to this file instead of standard output",
};

/** Packages that are left out of a document. */
export const exclude: OptionDefinition = {
  name: "exclude",
  kind: "text",
  placeholder: "PURL",
  repeatable: true,
  summary: "leave out packages by purl, * for anything",
};
