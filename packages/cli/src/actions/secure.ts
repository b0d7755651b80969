import { join } from "node:path";
import { isScError } from "@sc/model";
import { describeSecured, findFormat, secure, type SecuredImage, type SecureResult } from "@sc/pipeline";
import { reports } from "@sc/scan";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { displayCode, rowOf } from "../exit-code.ts";
import { writeUserFile } from "../files.ts";
import { planOf, type SecureAsked } from "../secure-plan.ts";
import { printable } from "../terminal/printable.ts";
import type { Style } from "../terminal/style.ts";

/** Takes every image through the chain of the plan. */
export async function secureImages(context: ActionContext): Promise<ActionResult> {
  const { values, signal, onProgress, style } = context;
  const asked = await planOf(context);
  if (asked === undefined) {
    return {
      outcome: "pass",
      report: { enabled: false, images: [] },
      text: () =>
        `${style.dash} security is not enabled in ${printable(values.text("config") ?? "")}: nothing was done`,
    };
  }
  await using connection = await connect(context, values.texts("image"));
  const result = await secure(asked.plan, { connection, signal, onProgress });
  const files = await writeFiles(result, asked, context);
  return {
    outcome: result.outcome === "pass" ? "pass" : "violation",
    ...exitOf(result),
    report: { images: result.images.map(imageReport), files },
    text: () => [...result.images.flatMap((one) => imageLines(one, style)), ...summary(result, files)].join("\n"),
  };
}

/** Where no image was refused but one could not be done, the code of what went wrong is the answer. */
function exitOf({ outcome, images }: SecureResult): { readonly exitCode?: number } {
  if (outcome !== "error") return {};
  const failed = images.find((one) => one.outcome === "error");
  return { exitCode: rowOf(failed?.error).exit };
}

async function writeFiles(
  { images }: SecureResult,
  { sbomDirectory, reportDirectory }: SecureAsked,
  context: ActionContext,
): Promise<readonly string[]> {
  const written: string[] = [];
  const write = async (path: string, content: Uint8Array): Promise<void> => {
    await writeUserFile(path, content);
    context.wrote(path);
    written.push(path);
  };
  for (const { image, documents, report } of images) {
    const name = fileName(image);
    for (const { format, bytes } of sbomDirectory === undefined ? [] : documents) {
      await write(join(sbomDirectory ?? "", `${name}${findFormat(format).fileExtension}`), bytes);
    }
    const json = reports.find(({ id }) => id === "json");
    if (reportDirectory !== undefined && report !== undefined && json !== undefined) {
      await write(join(reportDirectory, `${name}.scan.json`), Buffer.from(json.render(report)));
    }
  }
  return written;
}

function fileName(image: string): string {
  return image.replaceAll(/[^A-Za-z0-9._-]+/g, "_").slice(-120);
}

function imageReport(one: SecuredImage): object {
  const { image, outcome, stoppedAt, error, digest, packages, documents, report, records, verified, warnings } = one;
  return {
    image,
    outcome,
    stoppedAt,
    ...(error === undefined ? {} : { error: errorOf(error) }),
    digest,
    packages,
    documents: documents.map(({ format, bytes }) => ({ format, bytes: bytes.length })),
    ...(report === undefined ? {} : { verdict: report.verdict, findings: report.findings, coverage: report.coverage }),
    records,
    verified: verified?.signatures.length ?? 0,
    warnings,
  };
}

function errorOf(error: unknown): { readonly code: string; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error);
  return { code: isScError(error) ? error.code : "UNEXPECTED", message };
}

function imageLines(one: SecuredImage, style: Style): readonly string[] {
  const { image, outcome, stoppedAt, error, report, warnings } = one;
  const sign =
    outcome === "pass" && warnings.length > 0
      ? style.paint("warning", style.warning)
      : style.paint(outcome === "pass" ? "good" : "bad", outcome === "pass" ? style.good : style.bad);
  const reasons = [
    ...(report?.verdict?.violations ?? []).map(({ message }) => message),
    ...(error === undefined ? [] : [`${displayCode(errorOf(error).code)}  ${errorOf(error).message}`]),
  ];
  return [
    `${sign} ${printable(image)}  ${printable(describeSecured(one))}`,
    ...(stoppedAt === undefined ? [] : [`  stopped at ${stoppedAt}: ${reasons.map(printable).join("; ")}`]),
    ...warnings.map(
      ({ stage, message }) => `  ${style.paint("warning", style.warning)} ${stage}: ${printable(message)}`,
    ),
  ];
}

function summary({ images }: SecureResult, files: readonly string[]): readonly string[] {
  const count = (wanted: SecuredImage["outcome"]): number => images.filter(({ outcome }) => outcome === wanted).length;
  const parts = [
    `${count("pass")} of ${images.length} secured`,
    ...(count("violation") === 0 ? [] : [`${count("violation")} refused`]),
    ...(count("error") === 0 ? [] : [`${count("error")} failed`]),
  ];
  return [parts.join(", "), ...files.map((path) => `  ${printable(path)}`)];
}
