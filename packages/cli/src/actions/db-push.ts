import { pushDatabase } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { describeGiven } from "../database-result.ts";
import { databaseDirectory } from "../places.ts";
import { isSigningAsked, openSigning } from "../signing-key.ts";

/** Stores the advisory database in a registry or layout. */
export async function push(context: ActionContext): Promise<ActionResult> {
  const { values, signal, onProgress } = context;
  const [reference = ""] = values.positionals;
  await using connection = await connect(context, [reference]);
  const signer = isSigningAsked(context) ? await openSigning(context, connection) : undefined;
  const pushed = await pushDatabase(databaseDirectory(context), reference, { signer, connection, signal, onProgress });
  return describeGiven(pushed, { to: reference, next: `sc db pull ${reference} --key PUBLIC-KEY`, context });
}
