import { resolve } from "node:path";
import { exportDatabase } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { connectServices } from "../connect.ts";
import { describeGiven } from "../database-result.ts";
import { databaseDirectory } from "../places.ts";
import { isSigningAsked, openSigning } from "../signing-key.ts";

/** Writes the advisory database into one file, or as the files of a mirror. */
export async function exportFile(context: ActionContext): Promise<ActionResult> {
  const { values, signal, onProgress } = context;
  const [file = ""] = values.positionals;
  const to = resolve(file);
  await using connection = await connectServices(context);
  const signer = isSigningAsked(context) ? await openSigning(context, connection) : undefined;
  const given = await exportDatabase(databaseDirectory(context), to, { signer, signal, onProgress });
  return describeGiven(given, { to, next: `sc db import ${file} --key PUBLIC-KEY`, context });
}
