import { ScError } from "@sc/model";
import { resolveConfig, secure } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { findConfiguration } from "../configuration.ts";
import { connect } from "../connect.ts";
import { writeLocal } from "../local-output.ts";
import { describeReporting, reportingLines, reportRun } from "../run-reporting.ts";
import { planOfConfig, planOfOptions } from "../secure-plan.ts";
import { countSecured, exitOf, imageLines, imageReport, summaryLines } from "../secure-report.ts";
import { printable } from "../terminal/printable.ts";

/** Takes every image through the chain of the plan. */
export async function secureImages(context: ActionContext): Promise<ActionResult> {
  const { values, signal, onProgress, style, environment } = context;
  const found = await findConfiguration(context);
  if (found?.security.enabled === false) {
    return {
      outcome: "pass",
      report: { enabled: false, images: [] },
      text: () => `${style.dash} security is not enabled in ${printable(found.files.at(-1) ?? "")}: nothing was done`,
    };
  }
  const config = found === undefined ? undefined : await resolveConfig(found, environment.variables);
  const named = values.texts("image");
  const images = named.length > 0 ? named : (config?.images ?? []).map(({ image }) => image);
  if (images.length === 0) {
    throw new ScError("CLI_USAGE", "there is no image to secure", {
      hint: "Give --image REF, or a stack that has images.",
    });
  }
  await using connection = await connect(context, images);
  const parts = { images, connection };
  const { plan, local } =
    config === undefined ? await planOfOptions(context, parts) : planOfConfig(config, context, parts);
  const result = await secure(plan, { connection, signal, onProgress });
  const files = await writeLocal(result.images, local, context);
  const reporting = await reportRun(result, config, context);
  return {
    outcome: result.outcome === "pass" ? "pass" : "violation",
    ...exitOf(result),
    report: {
      summary: countSecured(result),
      images: result.images.map(imageReport),
      files,
      reporting: describeReporting(reporting),
    },
    text: () =>
      [
        ...result.images.flatMap((one) => imageLines(one, style)),
        ...summaryLines(result, files),
        ...reportingLines(reporting),
      ].join("\n"),
    summary: reporting.summary,
  };
}
