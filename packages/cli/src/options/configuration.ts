import type { OptionDefinition } from "../command.ts";

/** Which stack in which environment. */
export const stackOptions: readonly OptionDefinition[] = [
  { name: "stack", short: "s", kind: "text", placeholder: "STACK", summary: "a stack of .sc/stacks" },
  {
    name: "environment",
    short: "e",
    aliases: ["env"],
    kind: "text",
    placeholder: "ENV",
    summary: "the stack's environment",
  },
  {
    name: "project",
    kind: "text",
    placeholder: "DIR",
    default: ".",
    summary: "folder that holds .sc or sc.yaml, or one below it",
  },
];

/** Where the configuration is: a file, or a stack's. */
export const configurationOptions: readonly OptionDefinition[] = [
  { name: "config", kind: "text", placeholder: "FILE", summary: "YAML with a security block" },
  ...stackOptions,
];
