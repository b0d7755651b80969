import { formatWhole } from "@sc/model";
import { countLicenses, evaluateLicenses, type LicenseViolation } from "@sc/sbom";
import type { ActionContext, ActionResult } from "../command.ts";
import { openUserDocument } from "../document-file.ts";
import { printable } from "../terminal/printable.ts";
import { formatCount } from "../terminal/quantity.ts";
import { formatTable } from "../terminal/table.ts";

/** Counts the licences in a document, and holds them to the lists that the caller gives. */
export async function licenses(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const [file = "-"] = values.positionals;
  const inventory = (await openUserDocument(file, context)).inventory();
  const allow = values.texts("allow");
  const violations = evaluateLicenses(inventory, {
    allow: allow.length === 0 ? undefined : allow,
    deny: values.texts("deny"),
    denyUnknown: values.flag("deny-unknown"),
  });
  const counted = countLicenses(inventory);
  return {
    outcome: violations.length === 0 ? "pass" : "violation",
    report: { ...counted, violations },
    text: () =>
      [
        ...formatTable(
          [{ title: "PACKAGES" }, { title: "LICENCE", flexible: true }, { title: "" }],
          counted.licenses.map(({ license, known, packages }) => [
            formatWhole(packages).padStart(8),
            printable(license),
            known ? "" : "not SPDX",
          ]),
          { style },
        ),
        "",
        `${formatCount(counted.licenses.length, "licence")}, ${formatCount(counted.without, "package")} without one`,
        ...violationLines(violations, style),
      ].join("\n"),
  };
}

const reasons: Readonly<Record<LicenseViolation["reason"], string>> = {
  denied: "is denied",
  "not-allowed": "is not allowed",
  unknown: "is not known",
};

function violationLines(violations: readonly LicenseViolation[], style: ActionContext["style"]): readonly string[] {
  if (violations.length === 0) return [];
  const rows = violations.map(({ purl, license, reason }) => [
    style.bad,
    printable(purl),
    license === "" ? "no licence" : printable(license),
    reasons[reason],
  ]);
  const columns = [
    { title: "" },
    { title: "PACKAGE", flexible: true },
    { title: "LICENCE", flexible: true },
    { title: "" },
  ] as const;
  return ["", ...formatTable(columns, rows, { style })];
}
