import { join, resolve } from "node:path";
import { ScError } from "@sc/model";
import type { ActionContext } from "./command.ts";

/** The folder for caches: `--cache-dir`, or sc in the user's own. Throws `CLI_USAGE` where neither is known. */
export function cacheDirectory(context: ActionContext): string {
  const { values, environment } = context;
  const given = values.text("cache-dir");
  if (given !== undefined) return resolve(given);
  if (environment.cacheHome !== undefined) return join(environment.cacheHome, "sc");
  throw new ScError("CLI_USAGE", "there is no place for caches: HOME is not set", { hint: "Give --cache-dir DIR." });
}

/** The folder of the advisory database. Throws as `cacheDirectory` does. */
export function databaseDirectory(context: ActionContext): string {
  const given = context.values.text("db");
  return given === undefined ? join(cacheDirectory(context), "db") : resolve(given);
}
