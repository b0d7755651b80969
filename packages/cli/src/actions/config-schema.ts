import { loadConfigSchemas } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";

/** Prints the schema of a file that stands alone, or of a stack's. */
export async function printSchema({ values }: ActionContext): Promise<ActionResult> {
  const schemas = await loadConfigSchemas();
  const schema = values.positionals[0] === "stack" ? schemas.stack : schemas.file;
  return {
    outcome: "pass",
    report: {},
    text: () => "",
    document: Buffer.from(`${JSON.stringify(schema, undefined, 2)}\n`),
  };
}
