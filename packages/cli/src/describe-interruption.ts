import type { Failure } from "./failure.ts";
import { printable } from "./terminal/printable.ts";
import type { Style } from "./terminal/style.ts";

/**
 * What a run that was interrupted ends in. Apart from other failures: those are told by the tables of every package, which
 * take longer to load than whoever pressed Ctrl-C should wait.
 */
export function describeInterruption(written: readonly string[], style: Style): Failure {
  const said = written.length === 0 ? "nothing was written" : `already written: ${written.map(printable).join(", ")}`;
  return {
    exitCode: 130,
    outcome: "error",
    text: `${style.paint("warning", style.warning)} interrupted; ${said}`,
    json: { code: "INTERRUPTED", message: "interrupted", hint: null, retryable: true, written },
  };
}
