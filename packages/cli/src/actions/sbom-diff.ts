import { formatWhole } from "@sc/model";
import { diffInventories, type InventoryDiff } from "@sc/sbom";
import type { ActionContext, ActionResult } from "../command.ts";
import { openUserDocument } from "../document-file.ts";
import { printable } from "../terminal/printable.ts";
import { formatCount } from "../terminal/quantity.ts";
import { formatTable } from "../terminal/table.ts";

/** Says what is different between two documents. A violation only where the caller asked for one. */
export async function diff(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const [before = "-", after = "-"] = values.positionals;
  const left = await openUserDocument(before, context);
  const right = await openUserDocument(after, context);
  const found = diffInventories(left.inventory(), right.inventory());
  const different = found.added.length + found.removed.length + found.changed.length > 0;
  return {
    outcome: different && values.flag("fail-on-change") ? "violation" : "pass",
    report: { before, after, ...found },
    text: () => [...(different ? tableOf(found, style) : []), totals(found)].join("\n"),
  };
}

function tableOf({ added, removed, changed }: InventoryDiff, style: ActionContext["style"]): readonly string[] {
  const rows = [
    ...added.map(({ type, name, version }) => ["+", type, name, "", version]),
    ...removed.map(({ type, name, version }) => ["-", type, name, version, ""]),
    ...changed.map(({ type, name, from, to }) => ["~", type, name, from.join(", "), to.join(", ")]),
  ].map((row) => row.map(printable));
  const columns = [
    { title: "" },
    { title: "TYPE" },
    { title: "PACKAGE", flexible: true },
    { title: "BEFORE", flexible: true },
    { title: "AFTER", flexible: true },
  ] as const;
  return [...formatTable(columns, rows, { style }), ""];
}

function totals({ added, removed, changed, unchanged }: InventoryDiff): string {
  return `${count(added)} added, ${count(removed)} removed, ${count(changed)} changed, ${formatCount(unchanged, "package")} the same`;
}

function count(entries: readonly unknown[]): string {
  return formatWhole(entries.length);
}
