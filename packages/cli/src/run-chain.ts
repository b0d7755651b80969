import { ScError } from "@sc/model";
import { type LoadedConfig, resolveConfig, secure } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "./command.ts";
import { connect } from "./connect.ts";
import { readEarlier } from "./earlier-run.ts";
import { writeLocal } from "./local-output.ts";
import { describeReporting, reportingLines, reportRun } from "./run-reporting.ts";
import { planOfConfig, planOfOptions } from "./secure-plan.ts";
import { imageLines, runResult, summaryLines } from "./secure-report.ts";

/** Takes every image that the options or the configuration name through the chain. Throws `CLI_USAGE` where there is none. */
export async function runChain(found: LoadedConfig | undefined, context: ActionContext): Promise<ActionResult> {
  const { values, signal, onProgress, style, environment } = context;
  const config = found === undefined ? undefined : await resolveConfig(found, environment.variables);
  const named = values.texts("image");
  const images = named.length > 0 ? named : (config?.images ?? []).map(({ image }) => image);
  if (images.length === 0) {
    throw new ScError("CLI_USAGE", "there is no image to secure", {
      hint: "Give --image REF, or a stack that has images.",
    });
  }
  const earlier = await readEarlier(context);
  await using connection = await connect(context, images);
  const parts = { images, connection, earlier };
  const { plan, local, failed } =
    config === undefined ? await planOfOptions(context, parts) : planOfConfig(config, context, parts);
  const stop = failed === undefined ? signal : AbortSignal.any([signal, failed]);
  const result = await secure(plan, { connection, signal: stop, onProgress });
  const files = await writeLocal(result.images, local, context);
  const reporting = await reportRun(result, config, context);
  return {
    ...runResult(result, { files, reporting: describeReporting(reporting) }),
    text: () =>
      [
        ...result.images.flatMap((one) => imageLines(one, style)),
        ...summaryLines(result, files, style),
        ...reportingLines(reporting),
      ].join("\n"),
    summary: reporting.summary,
  };
}
