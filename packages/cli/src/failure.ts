import { isScError } from "@sc/model";
import { hintOf, isRetryable, rowOf } from "./exit-code.ts";
import { formatError } from "./terminal/error-text.ts";
import { printable } from "./terminal/printable.ts";
import type { Style } from "./terminal/style.ts";

/** What a failed run ends in. */
export interface Failure {
  readonly exitCode: number;
  readonly outcome: "violation" | "error";
  /** For standard error. */
  readonly text: string;
  /** For the `error` member of the JSON document. */
  readonly json: object;
}

/** What is said of a failure beside the failure itself. */
export interface FailureOptions {
  readonly style: Style;
  readonly verbose: boolean;
  readonly exitCompat: boolean;
  /** What had been written for good before the failure. */
  readonly written: readonly string[];
  /** How to name what stands on this disk under the name of the image. */
  readonly local?: string | undefined;
}

/** What a thrown value ends in: exit code, text and JSON. */
export function describeFailure(error: unknown, options: FailureOptions): Failure {
  const { style, verbose, exitCompat, written, local } = options;
  const row = rowOf(error);
  const lines = [formatError(error, style, verbose)];
  if (local !== undefined) lines.push(`  ${"here".padEnd(10)}there is something of that name: ${printable(local)}`);
  if (written.length > 0) lines.push(`  ${"written".padEnd(10)}${written.map(printable).join(", ")}`);
  return {
    exitCode: exitCompat && row.exit === 4 ? 1 : row.exit,
    outcome: row.exit === 1 ? "violation" : "error",
    text: lines.join("\n"),
    json: errorDocument(error, written),
  };
}

function errorDocument(error: unknown, written: readonly string[]): object {
  const message = error instanceof Error ? error.message : String(error);
  const before = written.length === 0 ? {} : { written };
  if (!isScError(error)) return { code: "UNEXPECTED", message, hint: null, retryable: false, ...before };
  return {
    code: error.code,
    message,
    hint: hintOf(error) ?? null,
    retryable: isRetryable(error),
    ...(Object.keys(error.facts).length === 0 ? {} : { facts: error.facts }),
    ...before,
  };
}
