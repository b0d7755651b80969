import { detectCi, type DetectedCi } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { printable } from "../terminal/printable.ts";

const rows: readonly (readonly [label: string, member: keyof DetectedCi])[] = [
  ["platform", "name"],
  ["repository", "repository"],
  ["ref", "ref"],
  ["commit", "commit"],
  ["build", "buildId"],
  ["address", "buildUrl"],
  ["identity", "identity"],
];

/** The build platform that this process runs on. */
export function showCi({ environment }: ActionContext): Promise<ActionResult> {
  const detected = detectCi(environment.variables);
  const lines = rows.map(([label, member]) => `${label.padEnd(11)}${printable(detected[member] ?? "none")}`);
  return Promise.resolve({ outcome: "pass", report: { ...detected }, text: () => lines.join("\n") });
}
