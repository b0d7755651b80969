import { stripVTControlCharacters } from "node:util";
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
import { fitLines, printable } from "./terminal/printable.ts";
import { formatCount, formatSpan } from "./terminal/quantity.ts";
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

/** Whether nothing of an image was done anew: it was read and scanned before, and what it needs is attached. */
function isUnchanged({ outcome, report, fromCache = [], records, warnings }: SecuredImage): boolean {
  return (
    outcome === "pass" &&
    warnings.length === 0 &&
    fromCache.includes("inventory") &&
    (report === undefined || fromCache.includes("scan")) &&
    records.every(({ state }) => state === "present")
  );
}

function cacheLines(one: SecuredImage): readonly string[] {
  if (!isUnchanged(one)) return one.fromCache === undefined ? [] : [`  from cache: ${one.fromCache.join(", ")}`];
  // Only a log or an authority says when: a signature by a key alone has no time that anybody vouches for.
  const [since] = (one.verified?.signatures ?? []).flatMap(({ facts }) => facts.signedAt ?? []).toSorted();
  return [`  unchanged${since === undefined ? "" : ` since ${since.slice(0, 10)}`}, nothing was done`];
}

// At the right edge of its last line, so that the spans of all images stand below each other.
function withSpan(line: string, milliseconds: number | undefined, style: Style): string {
  if (milliseconds === undefined) return line;
  const span = formatSpan(milliseconds);
  const fitted = fitLines(line, style.columns);
  const last = stripVTControlCharacters(fitted.split("\n").at(-1) ?? "");
  const room = style.columns - last.length - span.length;
  return room < 2 ? `${fitted}\n${span.padStart(style.columns)}` : `${fitted}${" ".repeat(room)}${span}`;
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
    withSpan(
      `${sign} ${printable(image)}  ${printable(outcome === "skipped" ? `nothing signed: another image failed; ${told}` : told)}`.trimEnd(),
      one.milliseconds,
      style,
    ),
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
export function summaryLines(result: SecureResult, files: readonly string[], style: Style): readonly string[] {
  const count = (wanted: SecuredImage["outcome"]): number =>
    result.images.filter(({ outcome }) => outcome === wanted).length;
  const { images, secured, scanned, criticalFindings, signed, sboms, provenances } = countRun(result);
  const parts = [
    `${secured} of ${images} secured`,
    ...(count("violation") === 0 ? [] : [`${count("violation")} refused`]),
    ...(count("error") === 0 ? [] : [`${count("error")} failed`]),
    ...(count("skipped") === 0 ? [] : [`${count("skipped")} skipped`]),
  ];
  // What a command does not do is not counted: a signature alone scans nothing.
  const looked = scanned === 0 ? [] : [`${scanned} scanned (${criticalFindings} critical)`];
  const done = [
    ...looked,
    `${signed} signed`,
    `${formatCount(sboms, "SBOM")} and ${formatCount(provenances, "provenance")} attached`,
  ].join(", ");
  const span = result.milliseconds === undefined ? "" : ` ${style.dot} ${formatSpan(result.milliseconds)}`;
  return [`${parts.join(", ")}${span}`, done, ...files.map((path) => `  ${printable(path)}`)];
}
