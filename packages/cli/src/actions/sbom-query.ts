import { formatWhole } from "@sc/model";
import { type PackageQuery, queryPackages } from "@sc/sbom";
import type { ActionContext, ActionResult } from "../command.ts";
import { openUserDocument } from "../document-file.ts";
import { printable } from "../terminal/printable.ts";
import { formatCount } from "../terminal/quantity.ts";
import { formatTable } from "../terminal/table.ts";

/** Lists the packages of a document that a query is for. A query that finds nothing is a violation. */
export async function query(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const [file = "-"] = values.positionals;
  const inventory = (await openUserDocument(file, context)).inventory();
  const asked: PackageQuery = {
    type: values.text("type"),
    name: values.text("name"),
    license: values.text("license"),
    cpe: values.text("cpe"),
    path: values.text("path"),
  };
  const packages = queryPackages(inventory, asked);
  const found = `${formatCount(packages.length, "package")} of ${formatWhole(inventory.packages.length)}`;
  return {
    outcome: packages.length === 0 ? "violation" : "pass",
    report: { packages },
    text: () => {
      if (packages.length === 0) return found;
      const rows = packages.map(({ type, name, version, licenses }) =>
        [type, name, version, licenses.map(({ declared, expression }) => expression ?? declared).join(", ")].map(
          printable,
        ),
      );
      const columns = [
        { title: "TYPE" },
        { title: "PACKAGE", flexible: true },
        { title: "VERSION", flexible: true },
        { title: "LICENCE", flexible: true },
      ] as const;
      return [...formatTable(columns, rows, { style }), "", found].join("\n");
    },
  };
}
