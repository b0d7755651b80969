import {
  countRun,
  describeError,
  describeRun,
  describeSecured,
  describeWarning,
  type SecuredImage,
  type SecureResult,
} from "@sc/pipeline";
import type { ActionResult } from "./command.ts";
import { displayCode, rowOf, rowOfCode } from "./exit-code.ts";
import { printable } from "./terminal/printable.ts";
import { formatCount } from "./terminal/quantity.ts";
import type { Style } from "./terminal/style.ts";

/**
 * The exit code of a run that did not pass. A required step that failed is 1, but for a missing
 * advisory database, which is 2 everywhere; where no image was refused but one could not be done, the code of what went wrong.
 */
function exitOf({ outcome, images }: SecureResult): { readonly exitCode?: number } {
  if (outcome === "pass") return {};
  const failed = images.find((one) => one.outcome === outcome);
  const { exit } = failed?.error === undefined ? { exit: 1 } : rowOf(failed.error);
  return { exitCode: outcome === "error" || (exit === 2 && failed?.stoppedAt === "scan") ? exit : 1 };
}

/** What a run came to, for the command line: its outcome, its exit code and its report. */
export function runResult(
  result: SecureResult,
  more: object = {},
): Pick<ActionResult, "outcome" | "exitCode" | "report"> {
  const { outcome, ...report } = describeRun(result, { rowOf: rowOfCode });
  return { outcome, ...exitOf(result), report: { ...report, ...more } };
}

function cacheLines({ fromCache }: SecuredImage): readonly string[] {
  return fromCache === undefined ? [] : [`  from cache: ${fromCache.join(", ")}`];
}

/** An image's lines for people. */
export function imageLines(one: SecuredImage, style: Style): readonly string[] {
  const { image, outcome, stoppedAt, error, report, warnings } = one;
  const good = outcome === "pass" && warnings.length === 0;
  const sign =
    outcome === "pass" || outcome === "skipped"
      ? style.paint(good ? "good" : "warning", good ? style.good : style.warning)
      : style.paint("bad", style.bad);
  const failure = error === undefined ? undefined : describeError(error, { rowOf: rowOfCode });
  const reasons = [
    ...(report?.verdict?.violations ?? []).map(({ message }) => message),
    ...(failure === undefined ? [] : [`${displayCode(failure.code)}  ${failure.message}`]),
  ];
  const told = describeSecured(one);
  return [
    `${sign} ${printable(image)}  ${printable(outcome === "skipped" ? `nothing signed: another image failed; ${told}` : told)}`,
    ...cacheLines(one),
    ...(stoppedAt === undefined ? [] : [`  stopped at ${stoppedAt}: ${reasons.map(printable).join("; ")}`]),
    ...(failure?.hint === undefined ? [] : [`  ${printable(failure.hint)}`]),
    ...warnings.map((warning) => {
      const { stage, message, hint } = describeWarning(warning, { rowOf: rowOfCode });
      const line = `  ${style.paint("warning", style.warning)} ${stage}: ${printable(message)}`;
      return hint === undefined ? line : `${line}\n    ${printable(hint)}`;
    }),
  ];
}

/** The last lines: how many of what. */
export function summaryLines(result: SecureResult, files: readonly string[]): readonly string[] {
  const count = (wanted: SecuredImage["outcome"]): number =>
    result.images.filter(({ outcome }) => outcome === wanted).length;
  const { images, secured, scanned, criticalFindings, signed, sboms, provenances } = countRun(result);
  const parts = [
    `${secured} of ${images} secured`,
    ...(count("violation") === 0 ? [] : [`${count("violation")} refused`]),
    ...(count("error") === 0 ? [] : [`${count("error")} failed`]),
    ...(count("skipped") === 0 ? [] : [`${count("skipped")} skipped`]),
  ];
  const done = `${scanned} scanned (${criticalFindings} critical), ${signed} signed, ${formatCount(sboms, "SBOM")} and ${formatCount(provenances, "provenance")} attached`;
  return [parts.join(", "), done, ...files.map((path) => `  ${printable(path)}`)];
}
