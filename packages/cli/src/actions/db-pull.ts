import { pullDatabase } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { describeFetched } from "../database-result.ts";
import { fetchOptions } from "../fetching.ts";

/** Fetches the advisory database from a registry or layout. */
export async function pull(context: ActionContext): Promise<ActionResult> {
  const [reference = ""] = context.values.positionals;
  await using connection = await connect(context, [reference]);
  return describeFetched(await pullDatabase(reference, await fetchOptions(context, connection)), context);
}
