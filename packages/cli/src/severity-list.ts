import { ScError, severities, type Severity } from "@sc/model";
import type { ActionContext } from "./command.ts";

/** The severities that `--severity` names, by commas. Throws `CLI_USAGE`. */
export function readSeverities({ values }: Pick<ActionContext, "values">): readonly Severity[] | undefined {
  const text = values.text("severity");
  if (text === undefined) return undefined;
  return text.split(",").map((word) => {
    const found = severities.find((known) => known === word.trim().toLowerCase());
    if (found !== undefined) return found;
    const list = severities.toReversed().join(", ");
    throw new ScError("CLI_USAGE", `--severity: ${JSON.stringify(word.slice(0, 100))} is not one of ${list}`);
  });
}
