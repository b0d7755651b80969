import type { ActionResult } from "../command.ts";
import { version } from "../version.ts";

/** Which version this command line is. */
export function tellVersion(): Promise<ActionResult> {
  return Promise.resolve({ outcome: "pass", report: { version }, text: () => `sc ${version}` });
}
