import type { OptionDefinition } from "../command.ts";

/** The advisory database. */
export const database: OptionDefinition = {
  name: "db",
  kind: "text",
  placeholder: "DIR",
  summary: "the advisory database; default db in the cache directory",
};

/** Whether a scan may fetch. */
export const skipUpdate: OptionDefinition = {
  name: "skip-db-update",
  kind: "flag",
  summary: "fetch no missing part of the database; with --offline never",
};

/** Which parts of a database are fetched. */
export const ecosystem: OptionDefinition = {
  name: "ecosystem",
  kind: "text",
  placeholder: "NAME",
  repeatable: true,
  summary: "fetch only these, or all; default as before, else all",
};

/** How old the database of a scan may be: no default, for then it is warned of only. */
export const scanMaxAge: OptionDefinition = {
  name: "max-db-age",
  kind: "duration",
  placeholder: "SPAN",
  summary: "refuse a database older than this; over 5d it is warned of",
};

/** How old a database may be. */
export const maxAge: OptionDefinition = {
  name: "max-db-age",
  kind: "duration",
  placeholder: "SPAN",
  default: "5d",
  summary: "the age from which a database is too old: 12h, 14d",
};
