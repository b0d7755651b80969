import type { ArgumentDefinition, OptionDefinition } from "../command.ts";
import { stackSuggestions } from "./suggestions.ts";

const stack: OptionDefinition = {
  name: "stack",
  short: "s",
  kind: "text",
  placeholder: "STACK",
  suggestions: stackSuggestions,
  summary: "a stack of .sc/stacks",
};

const environment: OptionDefinition = {
  name: "environment",
  short: "e",
  aliases: ["env"],
  kind: "text",
  placeholder: "ENV",
  summary: "the stack's environment",
};

const project: OptionDefinition = {
  name: "project",
  kind: "text",
  placeholder: "DIR",
  default: ".",
  summary: "folder that holds .sc or sc.yaml, or one below it",
};

/** Which stack in which environment, where a command is about one. */
export const stackOptions: readonly OptionDefinition[] = [
  { ...stack, required: true },
  { ...environment, required: true },
  project,
];

/** The same file as a word alone, for commands about nothing but it. */
export const configurationFile: ArgumentDefinition = { name: "FILE", summary: "the same as --config FILE" };

/** Where the configuration is: a file, or a stack's. */
export const configurationOptions: readonly OptionDefinition[] = [
  { name: "config", kind: "text", placeholder: "FILE", summary: "YAML with a security block" },
  stack,
  environment,
  project,
];
