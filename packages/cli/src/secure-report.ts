import { isScError } from "@sc/model";
import { describeSecured, type SecuredImage, type SecureResult } from "@sc/pipeline";
import { displayCode, hintOf, rowOf } from "./exit-code.ts";
import { printable } from "./terminal/printable.ts";
import { formatCount } from "./terminal/quantity.ts";
import type { Style } from "./terminal/style.ts";

/** What all images of a run come to, counted. */
export interface SecureCounts {
  readonly images: number;
  readonly secured: number;
  readonly scanned: number;
  readonly criticalFindings: number;
  readonly signed: number;
  readonly sboms: number;
  readonly provenances: number;
}

/** Counts what was done to the images of a run. */
export function countSecured({ images }: SecureResult): SecureCounts {
  const critical = images.flatMap(({ report }) =>
    (report?.findings ?? []).filter((one) => one.severity === "critical" && one.suppressed === undefined),
  );
  const sum = (count: (one: SecuredImage) => number): number => images.reduce((total, one) => total + count(one), 0);
  return {
    images: images.length,
    secured: images.filter(({ outcome }) => outcome === "pass").length,
    scanned: images.filter(({ report }) => report !== undefined).length,
    criticalFindings: critical.length,
    signed: sum(({ attached }) => attached.signatures),
    sboms: sum(({ attached }) => attached.sboms),
    provenances: sum(({ attached }) => attached.provenances),
  };
}

/**
 * The exit code of a run that did not pass. A required step that failed is 1, but for a missing
 * advisory database, which is 2 everywhere; where no image was refused but one could not be done, the code of what went wrong.
 */
export function exitOf({ outcome, images }: SecureResult): { readonly exitCode?: number } {
  if (outcome === "pass") return {};
  const failed = images.find((one) => one.outcome === outcome);
  const { exit } = failed?.error === undefined ? { exit: 1 } : rowOf(failed.error);
  return { exitCode: outcome === "error" || (exit === 2 && failed?.stoppedAt === "scan") ? exit : 1 };
}

/** An image's part of the run report. */
export function imageReport(one: SecuredImage): object {
  const { image, outcome, stoppedAt, error, digest, packages, documents, report, records, attached } = one;
  return {
    image,
    outcome,
    stoppedAt,
    ...(error === undefined ? {} : { error: errorOf(error) }),
    digest,
    packages,
    documents: documents.map(({ format, bytes }) => ({ format, bytes: bytes.length })),
    ...(report === undefined ? {} : { verdict: report.verdict, findings: report.findings, coverage: report.coverage }),
    ...(one.provenance === undefined
      ? {}
      : { provenance: { platform: one.provenance.platform, type: one.provenance.type } }),
    attached,
    records,
    verified: one.verified?.signatures.length ?? 0,
    warnings: one.warnings,
  };
}

function errorOf(error: unknown): { readonly code: string; readonly message: string; readonly hint?: string } {
  const message = error instanceof Error ? error.message : String(error);
  const hint = isScError(error) ? hintOf(error) : undefined;
  return { code: isScError(error) ? error.code : "UNEXPECTED", message, ...(hint === undefined ? {} : { hint }) };
}

/** An image's lines for people. */
export function imageLines(one: SecuredImage, style: Style): readonly string[] {
  const { image, outcome, stoppedAt, error, report, warnings } = one;
  const good = outcome === "pass" && warnings.length === 0;
  const sign =
    outcome === "pass" || outcome === "skipped"
      ? style.paint(good ? "good" : "warning", good ? style.good : style.warning)
      : style.paint("bad", style.bad);
  const failure = error === undefined ? undefined : errorOf(error);
  const reasons = [
    ...(report?.verdict?.violations ?? []).map(({ message }) => message),
    ...(failure === undefined ? [] : [`${displayCode(failure.code)}  ${failure.message}`]),
  ];
  const told = describeSecured(one);
  return [
    `${sign} ${printable(image)}  ${printable(outcome === "skipped" ? `nothing signed: another image failed; ${told}` : told)}`,
    ...(stoppedAt === undefined ? [] : [`  stopped at ${stoppedAt}: ${reasons.map(printable).join("; ")}`]),
    ...(failure?.hint === undefined ? [] : [`  ${printable(failure.hint)}`]),
    ...warnings.map(({ stage, message, hint }) => {
      const line = `  ${style.paint("warning", style.warning)} ${stage}: ${printable(message)}`;
      return hint === undefined ? line : `${line}\n    ${printable(hint)}`;
    }),
  ];
}

/** The last lines: how many of what. */
export function summaryLines(result: SecureResult, files: readonly string[]): readonly string[] {
  const count = (wanted: SecuredImage["outcome"]): number =>
    result.images.filter(({ outcome }) => outcome === wanted).length;
  const { images, secured, scanned, criticalFindings, signed, sboms, provenances } = countSecured(result);
  const parts = [
    `${secured} of ${images} secured`,
    ...(count("violation") === 0 ? [] : [`${count("violation")} refused`]),
    ...(count("error") === 0 ? [] : [`${count("error")} failed`]),
    ...(count("skipped") === 0 ? [] : [`${count("skipped")} skipped`]),
  ];
  const done = `${scanned} scanned (${criticalFindings} critical), ${signed} signed, ${formatCount(sboms, "SBOM")} and ${formatCount(provenances, "provenance")} attached`;
  return [parts.join(", "), done, ...files.map((path) => `  ${printable(path)}`)];
}
