import { formatWhole, type Inventory } from "@sc/model";
import { countTypes } from "@sc/pipeline";
import { documentFormatIds, excludePackages, inventoryScopes } from "@sc/sbom";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { readOutputs } from "../outputs.ts";
import { inventoryOf, openAsked } from "../reading.ts";
import { fitLines } from "../terminal/printable.ts";
import { formatCount } from "../terminal/quantity.ts";
import { describeDocument, writeDocuments } from "../write-documents.ts";

/** Takes an image's inventory and writes it in every format asked for. */
export async function generate(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const image = values.required("image");
  const outputs = readOutputs(values, documentFormatIds());
  await using connection = await connect(context, [image]);
  await using opened = await openAsked(image, context, connection);
  const all = await inventoryOf(opened, context, {
    declared: values.flag("declared"),
    scope: values.choice("scope", inventoryScopes),
  });
  const taken = excludePackages(all, values.texts("exclude"));
  const configuration = values.text("scope") === "all-layers" ? "scope=all-layers" : undefined;
  const { written, document } = await writeDocuments(taken, outputs, { context, configuration });
  return {
    outcome: "pass",
    ...(document === undefined ? {} : { document }),
    report: {
      subject: taken.subject,
      packages: countTypes(taken.packages),
      incomplete: taken.incomplete,
      problems: taken.problems,
      documents: written,
    },
    text: () =>
      fitLines(
        [summary(taken, style), ...written.map((one) => describeDocument(one, style))].join("\n"),
        style.columns,
      ),
    next: written
      .slice(0, 1)
      .flatMap(({ path }) => [
        ["attach", `sc sbom attach --image ${image} --sbom ${path} --key KEY`] as const,
        ["scan", `sc image scan --sbom ${path}`] as const,
      ]),
  };
}

function summary({ packages, incomplete }: Inventory, style: ActionContext["style"]): string {
  const types = Object.entries(countTypes(packages)).map(([type, count]) => `${type} ${formatWhole(count)}`);
  const licensed = packages.filter(({ licenses }) => licenses.length > 0).length;
  const sign = incomplete ? style.paint("warning", style.warning) : style.paint("good", style.good);
  const counted = `${formatCount(packages.length, "package")}${types.length === 0 ? "" : `: ${types.join(", ")}`}`;
  return `${sign} ${counted} ${style.dot} ${formatWhole(licensed)} with a licence${incomplete ? `, incomplete` : ""}`;
}
