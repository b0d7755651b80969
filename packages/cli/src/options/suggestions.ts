import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Suggestions } from "../command.ts";

/** How many folders above the one a command is called in may hold `.sc`. */
const maxFoldersAbove = 16;

/** The reports of a scan. */
export const reportSuggestions: Suggestions = {
  list: async () => (await import("@sc/scan")).reports.map(({ id }) => id),
};

/** The formats of documents. */
export const documentSuggestions: Suggestions = {
  list: async () => (await import("@sc/sbom")).documentFormatIds(),
};

/** The types of statements that have a name. */
export const predicateSuggestions: Suggestions = {
  list: async () => (await import("@sc/sign")).predicateTypes.map(({ id }) => id),
};

/** The stacks of the project that a command is called in. */
export const stackSuggestions: Suggestions = {
  local: true,
  async list() {
    for (let above = 0, folder = "."; above < maxFoldersAbove; above += 1, folder = join(folder, "..")) {
      const entries = await readdir(join(folder, ".sc", "stacks"), { withFileTypes: true }).catch(() => undefined);
      if (entries !== undefined) return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    }
    return [];
  },
};
