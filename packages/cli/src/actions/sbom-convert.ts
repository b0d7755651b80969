import type { Inventory } from "@sc/model";
import { documentFormatIds, excludePackages } from "@sc/sbom";
import type { ActionContext, ActionResult } from "../command.ts";
import { openUserDocument } from "../document-file.ts";
import { readOutputs } from "../outputs.ts";
import { printable } from "../terminal/printable.ts";
import { formatCount } from "../terminal/quantity.ts";
import { describeDocument, writeDocuments } from "../write-documents.ts";

/** Reads a document and writes its inventory in every format asked for. */
export async function convert(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const outputs = readOutputs(values, documentFormatIds());
  const [file = "-"] = values.positionals;
  const document = await openUserDocument(file, context);
  const inventory = excludePackages(document.inventory(), values.texts("exclude"));
  const { written, document: converted } = await writeDocuments(inventory, outputs, { context });
  return {
    outcome: "pass",
    ...(converted === undefined ? {} : { document: converted }),
    report: { from: document.format.id, packages: inventory.packages.length, documents: written },
    text: () =>
      [
        `${style.paint("good", style.good)} ${summary(inventory)} from ${printable(file)}, ${document.format.title}`,
        ...written.map((one) => describeDocument(one, style)),
      ].join("\n"),
  };
}

function summary({ packages }: Inventory): string {
  return formatCount(packages.length, "package");
}
