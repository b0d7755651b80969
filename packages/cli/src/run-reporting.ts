import { basename, join } from "node:path";
import { isScError } from "@sc/model";
import {
  type ImageUpload,
  type LoadedConfig,
  nameRun,
  renderRunComment,
  renderRunPage,
  type RunFacts,
  type SecurityConfig,
  type SecureResult,
  uploadedBuild,
  uploadRun,
} from "@sc/pipeline";
import type { ActionContext } from "./command.ts";
import { configuredText } from "./configured-text.ts";
import { connectServices } from "./connect.ts";
import { displayCode } from "./exit-code.ts";
import { writeUserFile } from "./files.ts";
import { printable } from "./terminal/printable.ts";
import { version } from "./version.ts";

/** What became of the reports of a run. */
export interface RunReporting {
  readonly defectdojo?: readonly ImageUpload[];
  /** The files with the comment and the page. */
  readonly files: readonly string[];
  /** The run for the page of a build step. */
  readonly summary: () => string;
}

/** The most UTF-16 units of a step's summary: GitHub takes a mebibyte, and a unit is three bytes at most. */
const maxSummaryLength = 300_000;

/**
 * Reports a run as its configuration and options say: a page, a comment, findings in DefectDojo. What a configuration asks
 * for is fail-open and never changes what a run comes to: what fails is a warning and stands in the report of the run.
 * Throws `FILE_UNWRITABLE` for a file that an option names.
 */
export async function reportRun(
  result: SecureResult,
  config: LoadedConfig | undefined,
  context: ActionContext,
): Promise<RunReporting> {
  const { values } = context;
  const facts = factsOf(result, context);
  const page = values.text("html-output");
  const summary = (): string => renderSummary(result, context, nameOf(page));
  const files: string[] = [];
  const keep = async (path: string, text: string): Promise<void> => {
    await writeUserFile(path, Buffer.from(text));
    context.wrote(path);
    files.push(path);
  };
  if (page !== undefined) await keep(page, renderRunPage(result, facts));
  const comment = (): string =>
    renderRunComment(result, facts, { maxLength: values.count("comment-limit"), wholeReport: nameOf(page) });
  const asked = values.text("comment-output");
  if (asked !== undefined) await keep(asked, comment());
  const { defectdojo, prComment } = config?.security.reporting ?? {};
  if (asked === undefined && prComment?.enabled === true) {
    const path = prComment.output ?? join(values.text("output") ?? ".", "comment.md");
    await orWarn("reporting.prComment", context, async () => await keep(path, comment()));
  }
  const uploads = defectdojo?.enabled === true ? await uploadFindings(result, defectdojo, context) : undefined;
  return { ...(uploads === undefined ? {} : { defectdojo: uploads }), files, summary };
}

/** A run as the page of a build step shows it; `wholeReport` names the file with all of it. */
export function renderSummary(result: SecureResult, context: ActionContext, wholeReport?: string): string {
  return renderRunComment(result, factsOf(result, context), { maxLength: maxSummaryLength, wholeReport });
}

/** What the report of a run says of its reporting. */
export function describeReporting({ defectdojo, files }: RunReporting): object {
  return { ...(defectdojo === undefined ? {} : { defectdojo }), files };
}

function factsOf({ images }: SecureResult, context: ActionContext): RunFacts {
  const { values, environment } = context;
  const [stack, place] = [values.text("stack"), values.text("environment")];
  const name =
    stack === undefined || place === undefined ? nameRun(images.map(({ image }) => image)) : `${stack}/${place}`;
  return { name, sc: version, time: (environment.sourceDate ?? context.now()).toISOString() };
}

function nameOf(path: string | undefined): string | undefined {
  return path === undefined ? undefined : basename(path);
}

async function orWarn(what: string, { onProgress }: ActionContext, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isScError(error)) throw error;
    onProgress({ type: "notice", level: "warning", code: error.code, message: `${what}: ${error.message}` });
  }
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
export function reportingLines({ defectdojo = [], files }: RunReporting): readonly string[] {
  const told = defectdojo.map(({ image, uploaded, warning }) => {
    if (uploaded !== undefined) return `  DefectDojo: ${printable(image)} is ${printable(uploaded.url)}`;
    return `  ! DefectDojo: ${printable(image)}: ${displayCode(warning?.code ?? "")} ${printable(warning?.message ?? "")}; reporting never fails a run`;
  });
  return [...files.map((path) => `  ${printable(path)}`), ...told];
}
