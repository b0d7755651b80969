import { ScError } from "@sc/model";
import { type LoadedConfig, secure } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { readStackConfiguration } from "../configuration.ts";
import { connect } from "../connect.ts";
import { readEarlier } from "../earlier-run.ts";
import { writeLocal } from "../local-output.ts";
import { renderSummary } from "../run-reporting.ts";
import { planOfConfig } from "../secure-plan.ts";
import { imageLines, runResult, summaryLines } from "../secure-report.ts";

/** Signs every image of a stack. */
export async function sign(context: ActionContext): Promise<ActionResult> {
  return await doOne("signing", context);
}

/** Scans every image of a stack. */
export async function scan(context: ActionContext): Promise<ActionResult> {
  return await doOne("scan", context);
}

/** Makes the SBOM of every image of a stack. */
export async function sbom(context: ActionContext): Promise<ActionResult> {
  return await doOne("sbom", context);
}

async function doOne(part: "signing" | "scan" | "sbom", context: ActionContext): Promise<ActionResult> {
  const { signal, onProgress, style, values } = context;
  const config = await readStackConfiguration(context);
  const images = config.images.map(({ image }) => image);
  if (images.length === 0) {
    throw new ScError(
      "STACK_EMPTY",
      `${values.text("stack") ?? ""} in ${values.text("environment") ?? ""}: has no image`,
      {
        hint: "Name them in config.images or config.services.<name>.image.",
      },
    );
  }
  await using connection = await connect(context, images);
  const earlier = part === "scan" ? await readEarlier(context) : undefined;
  const { plan, local } = planOfConfig(onlyPart(config, part), context, { images, connection, earlier });
  const result = await secure(plan, { connection, signal, onProgress });
  const files = await writeLocal(result.images, local, context);
  return {
    ...runResult(result, { files }),
    text: () =>
      [...result.images.flatMap((one) => imageLines(one, style)), ...summaryLines(result, files, style)].join("\n"),
    summary: () => renderSummary(result, context),
  };
}

// An SBOM is signed where signing is set up; nothing else is done besides what was asked for.
function onlyPart(config: LoadedConfig, part: "signing" | "scan" | "sbom"): LoadedConfig {
  const { security } = config;
  const on = { enabled: true, required: true };
  const off = { enabled: false };
  const { defectdojo, prComment } = security.reporting;
  return {
    ...config,
    security: {
      ...security,
      scan: { ...security.scan, ...(part === "scan" ? on : off) },
      sbom: { ...security.sbom, ...(part === "sbom" ? on : off) },
      signing: { ...security.signing, ...(part === "signing" ? on : part === "scan" ? off : {}) },
      provenance: { ...security.provenance, ...off },
      reporting: { defectdojo: { ...defectdojo, ...off }, prComment: { ...prComment, ...off } },
    },
  };
}
