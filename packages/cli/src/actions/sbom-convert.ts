import { digestOf, type Inventory } from "@sc/model";
import { findFormat, formatSbom } from "@sc/pipeline";
import { documentFormatIds, excludePackages } from "@sc/sbom";
import type { ActionContext, ActionResult } from "../command.ts";
import { openUserDocument } from "../document-file.ts";
import { writeUserFile } from "../files.ts";
import { readOutputs } from "../outputs.ts";
import { printable } from "../terminal/printable.ts";
import { formatBytes, formatCount } from "../terminal/quantity.ts";
import { version } from "../version.ts";

/** Reads a document and writes its inventory in every format asked for. */
export async function convert(context: ActionContext): Promise<ActionResult> {
  const { values, style, environment } = context;
  const outputs = readOutputs(values, documentFormatIds());
  const [file = "-"] = values.positionals;
  const document = await openUserDocument(file, context);
  const inventory = excludePackages(document.inventory(), values.texts("exclude"));
  const written: { readonly format: string; readonly path: string; readonly bytes: number; readonly digest: string }[] =
    [];
  let toOutput: Uint8Array | undefined;
  for (const { format, path } of outputs) {
    const bytes = formatSbom(inventory, format, {
      timestamp: environment.sourceDate,
      tool: { name: "sc", version },
    });
    if (path === undefined) toOutput = bytes;
    else {
      await writeUserFile(path, bytes);
      context.wrote(path);
      written.push({ format, path, bytes: bytes.length, digest: digestOf(bytes) });
    }
  }
  return {
    outcome: "pass",
    ...(toOutput === undefined ? {} : { document: toOutput }),
    report: { from: document.format.id, packages: inventory.packages.length, documents: written },
    text: () =>
      [
        `${style.paint("good", style.good)} ${summary(inventory)} from ${printable(file)}, ${document.format.title}`,
        ...written.map(({ format, path, bytes, digest }) => {
          const { title } = findFormat(format);
          return `${style.paint("good", style.good)} ${printable(path)}  ${title}, ${formatBytes(bytes)}, ${digest.slice(0, 19)}`;
        }),
      ].join("\n"),
  };
}

function summary({ packages }: Inventory): string {
  return formatCount(packages.length, "package");
}
