import { severities, type Severity } from "@sc/model";
import type { ActionContext } from "./command.ts";
import { oneOf } from "./option-values.ts";

/** The severities that `--severity` names, by commas. Throws `CLI_USAGE`. */
export function readSeverities({ values }: Pick<ActionContext, "values">): readonly Severity[] | undefined {
  const text = values.text("severity");
  if (text === undefined) return undefined;
  const known = severities.toReversed();
  return text.split(",").map((word) => oneOf("--severity", word.trim(), known));
}
