import {
  type ImageUpload,
  type LoadedConfig,
  type SecurityConfig,
  type SecureResult,
  uploadedBuild,
  uploadRun,
} from "@sc/pipeline";
import type { ActionContext } from "./command.ts";
import { configuredText } from "./configured-text.ts";
import { connectServices } from "./connect.ts";
import { displayCode } from "./exit-code.ts";
import { printable } from "./terminal/printable.ts";

/** What a run told others of its findings. */
export interface RunReporting {
  readonly defectdojo?: readonly ImageUpload[];
}

/**
 * Reports a run as its configuration says: findings to DefectDojo. Reporting is fail-open and never changes what a run
 * comes to: what fails is a warning and stands in the report of the run.
 */
export async function reportRun(
  result: SecureResult,
  config: LoadedConfig | undefined,
  context: ActionContext,
): Promise<RunReporting> {
  const defectdojo = config?.security.reporting.defectdojo;
  if (defectdojo?.enabled !== true) return {};
  return { defectdojo: await uploadFindings(result, defectdojo, context) };
}

async function uploadFindings(
  { images }: SecureResult,
  config: SecurityConfig["reporting"]["defectdojo"],
  context: ActionContext,
): Promise<readonly ImageUpload[]> {
  const { environment, values, signal, onProgress } = context;
  const { enabled: _, url = "", apiKey = "", ...place } = config;
  await using connection = await connectServices(context);
  const target = async (): ReturnType<Parameters<typeof uploadRun>[1]> => ({
    ...place,
    url,
    apiKey: await configuredText(apiKey, "security.reporting.defectdojo.apiKey", context),
  });
  const uploads = await uploadRun(images, target, {
    client: connection.client,
    plainHttp: values.texts("plain-http"),
    build: uploadedBuild(environment.variables),
    signal,
    onProgress,
  });
  for (const { image, uploaded, warning } of uploads) {
    if (uploaded !== undefined) context.wrote(printable(uploaded.url));
    if (warning === undefined) continue;
    const message = `${image}: findings not uploaded: ${warning.message}`;
    onProgress({ type: "notice", level: "warning", code: warning.code, message });
  }
  if (uploads.length === 0) {
    const message = "reporting.defectdojo: no image was scanned, so no findings were uploaded";
    onProgress({ type: "notice", level: "warning", code: "NOT_REPORTED", message });
  }
  return uploads;
}

/** The lines for people on what was reported where. */
export function reportingLines({ defectdojo = [] }: RunReporting): readonly string[] {
  return defectdojo.map(({ image, uploaded, warning }) => {
    if (uploaded !== undefined) return `  DefectDojo: ${printable(image)} is ${printable(uploaded.url)}`;
    return `  ! DefectDojo: ${printable(image)}: ${displayCode(warning?.code ?? "")} ${printable(warning?.message ?? "")}; reporting never fails a run`;
  });
}
