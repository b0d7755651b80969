import { lintDocument, type LintResult } from "@sc/sbom";
import type { ActionContext, ActionResult } from "../command.ts";
import { openUserDocument } from "../document-file.ts";
import { cutMiddle, printable } from "../terminal/printable.ts";
import { formatCount } from "../terminal/quantity.ts";

const profiles = ["ntia", "cisa", "bsi"] as const;

/** Judges a document by a published profile, line by line. A violation only below the score that the caller demands. */
export async function lint(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const [file = "-"] = values.positionals;
  const document = await openUserDocument(file, context);
  const report = lintDocument(document.facts(), values.choice("profile", profiles));
  const wanted = values.count("fail-below");
  const failed = wanted !== undefined && report.score < wanted;
  const missing = report.results.filter(({ passed, of }) => passed < of).length;
  return {
    outcome: failed ? "violation" : "pass",
    report: { document: file, ...report },
    text: () =>
      [
        `${cutMiddle(printable(file), 40, style.ellipsis)}  ${printable(report.format)}  ${formatCount(report.components, "component")}`,
        ...report.results.map((result) => line(result, style)),
        `${report.score.toFixed(1)} of 10 ${style.dot} ${report.title} ${style.dot} ${missing === 0 ? "nothing missing" : formatCount(missing, "gap")}`,
        ...(failed ? [`${style.paint("bad", style.bad)} wanted a score of at least ${wanted}`] : []),
      ].join("\n"),
  };
}

function line({ title, passed, of, points, maxPoints, found = "" }: LintResult, style: ActionContext["style"]): string {
  const [look, sign] =
    passed === of
      ? (["good", style.good] as const)
      : passed === 0
        ? (["bad", style.bad] as const)
        : (["warning", style.warning] as const);
  const counted = of === 0 ? "nothing to ask" : of === 1 ? (passed === 1 ? "yes" : "no") : `${passed} of ${of}`;
  const score = `${points.toFixed(1)}/${maxPoints.toFixed(1)}`;
  const said = cutMiddle(printable(found), 14, style.ellipsis);
  return `${style.paint(look, sign)} ${title.padEnd(38)} ${score.padStart(7)}  ${counted.padEnd(14)} ${said}`.trimEnd();
}
