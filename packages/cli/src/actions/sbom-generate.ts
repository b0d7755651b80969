import { formatWhole, type Inventory } from "@sc/model";
import { countTypes } from "@sc/pipeline";
import { documentFormatIds, excludePackages, inventoryScopes } from "@sc/sbom";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { type AskedImage, checkPlaces, openEach } from "../each-platform.ts";
import { type Output, readOutputs } from "../outputs.ts";
import { inventoryOf } from "../reading.ts";
import { fitLines } from "../terminal/printable.ts";
import { formatCount } from "../terminal/quantity.ts";
import { describeDocument, writeDocuments } from "../write-documents.ts";

/** Takes an image's inventory, or that of each platform, and writes it in every format asked for. */
export async function generate(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const image = values.required("image");
  const outputs = readOutputs(values, documentFormatIds());
  checkPlaces(values, outputs);
  await using connection = await connect(context, [image]);
  await using asked = await openEach(image, context, connection);
  const generated: Generated[] = [];
  for (const one of asked.images) generated.push(await generateOne(one, outputs, context));
  const [first] = generated;
  const next = (first?.files ?? [])
    .slice(0, 1)
    .flatMap((path) => [
      ["attach", `sc sbom attach --image ${image} --sbom ${path} --key KEY`] as const,
      ["scan", `sc image scan --sbom ${path}`] as const,
    ]);
  const fit = (lines: readonly string[]): string => fitLines(lines.join("\n"), style.columns);
  if (!values.flag("all-platforms") && first !== undefined) {
    const { document, report, lines } = first;
    return {
      outcome: "pass",
      ...(document === undefined ? {} : { document }),
      report,
      text: () => fit(lines),
      next,
    };
  }
  return {
    outcome: "pass",
    report: { image, images: generated.map(({ platform, report }) => ({ platform, ...report })) },
    text: () => fit(generated.flatMap(({ platform, lines }) => [style.paint("strong", platform)].concat(lines))),
    next,
  };
}

interface Generated {
  readonly platform: string;
  readonly document: AsyncIterable<Uint8Array> | undefined;
  readonly report: object;
  readonly lines: readonly string[];
  readonly files: readonly string[];
}

async function generateOne(
  { opened, platform, place }: AskedImage,
  outputs: readonly Output[],
  context: ActionContext,
): Promise<Generated> {
  const { values, style } = context;
  const all = await inventoryOf(opened, context, {
    declared: values.flag("declared"),
    scope: values.choice("scope", inventoryScopes),
  });
  const taken = excludePackages(all, values.texts("exclude"));
  const configuration = values.text("scope") === "all-layers" ? "scope=all-layers" : undefined;
  const placed = outputs.map(({ format, path }) => (path === undefined ? { format } : { format, path: place(path) }));
  const { written, document } = await writeDocuments(taken, placed, { context, configuration });
  return {
    platform,
    document,
    report: {
      subject: taken.subject,
      packages: countTypes(taken.packages),
      incomplete: taken.incomplete,
      problems: taken.problems,
      documents: written,
    },
    lines: [summary(taken, style), ...written.map((one) => describeDocument(one, style))],
    files: written.map(({ path }) => path),
  };
}

function summary({ packages, incomplete }: Inventory, style: ActionContext["style"]): string {
  const types = Object.entries(countTypes(packages)).map(([type, count]) => `${type} ${formatWhole(count)}`);
  const licensed = packages.filter(({ licenses }) => licenses.length > 0).length;
  const sign = incomplete ? style.paint("warning", style.warning) : style.paint("good", style.good);
  const counted = `${formatCount(packages.length, "package")}${types.length === 0 ? "" : `: ${types.join(", ")}`}`;
  return `${sign} ${counted} ${style.dot} ${formatWhole(licensed)} with a licence${incomplete ? `, incomplete` : ""}`;
}
