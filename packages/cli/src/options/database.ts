import type { OptionDefinition } from "../command.ts";

/** The advisory database. */
export const database: OptionDefinition = {
  name: "db",
  kind: "text",
  placeholder: "DIR",
  summary: "the advisory database; default db in the cache directory",
};
