import type { ArgumentDefinition } from "../command.ts";

/** The document that a command is about. */
export const documentArgument: ArgumentDefinition = {
  name: "FILE",
  summary: "the document, - for standard input",
  required: true,
};
