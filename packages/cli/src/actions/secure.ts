import type { ActionContext, ActionResult } from "../command.ts";
import { findConfiguration } from "../configuration.ts";
import { printable } from "../terminal/printable.ts";

/** Takes every image through the chain of the plan; where security is not enabled the chain is not even loaded. */
export async function secureImages(context: ActionContext): Promise<ActionResult> {
  const { style } = context;
  const found = await findConfiguration(context);
  if (found?.security.enabled === false) {
    return {
      outcome: "pass",
      report: { enabled: false, images: [] },
      text: () => `${style.dash} security is not enabled in ${printable(found.files.at(-1) ?? "")}: nothing was done`,
    };
  }
  const { runChain } = await import("../run-chain.ts");
  return await runChain(found, context);
}
