import type { OptionDefinition } from "../command.ts";
import { documentSuggestions } from "./suggestions.ts";

/** The formats of documents, where they go: `cyclonedx-json`, `spdx-json=FILE`. */
export const documentFormat: OptionDefinition = {
  name: "format",
  kind: "text",
  placeholder: "FORMAT[=FILE]",
  repeatable: true,
  default: "cyclonedx-json",
  suggestions: documentSuggestions,
  summary: "form of the document, with =FILE into a file",
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

/** Where results go that have several forms: a file, or as syft has it `FORMAT=FILE`, any number of times. */
export const outputs: OptionDefinition = {
  ...output,
  placeholder: "FILE",
  repeatable: true,
  summary: "write to this file; FORMAT=FILE is the same as --format",
};
