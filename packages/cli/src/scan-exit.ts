import { isScError, ScError } from "@sc/model";
import { describeError } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "./command.ts";
import { rowOf, rowOfCode } from "./exit-code.ts";
import { printable } from "./terminal/printable.ts";

/** What a scan that need not succeed comes to when it could not be made. Throws what nobody can get over. */
export function tellUnscanned(error: unknown, { style }: ActionContext): ActionResult {
  // What was asked for wrongly, and what is refused, is no matter of circumstances.
  if (!isScError(error) || ![2, 4].includes(rowOf(error).exit)) throw error;
  const told = describeError(error, { rowOf: rowOfCode });
  return {
    outcome: "error",
    exitCode: 0,
    report: { error: told },
    text: () =>
      [
        `${style.paint("warning", style.warning)} not scanned: ${printable(told.message)}`,
        ...(told.hint === undefined ? [] : [`  ${printable(told.hint)}`]),
      ].join("\n"),
  };
}

/** The exit code that `--exit-code` asks for, of those that a shell can tell apart: 256 would be a success. Throws `CLI_USAGE`. */
export function readExitCode({ values }: ActionContext): number | undefined {
  const text = values.text("exit-code");
  if (text === undefined) return undefined;
  if (/^\d{1,3}$/.test(text) && Number(text) <= 255) return Number(text);
  throw new ScError(
    "CLI_USAGE",
    `${values.origin("exit-code")}: ${JSON.stringify(text.slice(0, 100))}: wanted a number from 0 to 255`,
  );
}
