import { resolve } from "node:path";
import { importDatabase } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { describeFetched } from "../database-result.ts";
import { fetchOptions } from "../fetching.ts";

/** Takes over the advisory database from a file or folder. */
export async function importFile(context: ActionContext): Promise<ActionResult> {
  const [file = ""] = context.values.positionals;
  return describeFetched(await importDatabase(resolve(file), await fetchOptions(context)), context);
}
