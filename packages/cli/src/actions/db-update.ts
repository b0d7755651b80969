import { updateDatabase } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { describeFetched } from "../database-result.ts";
import { fetchOptions } from "../fetching.ts";

/** Brings the advisory database up to date from a mirror. */
export async function update(context: ActionContext): Promise<ActionResult> {
  const { values } = context;
  await using connection = await connect(context, []);
  const options = await fetchOptions(context, connection);
  const result = await updateDatabase({
    ...options,
    mirrors: values.texts("mirror"),
    maxAgeMilliseconds: values.milliseconds("max-db-age"),
  });
  return describeFetched(result, context);
}
