import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { validateXML } from "xmllint-wasm";
import { caseInventories, options, textOf, written } from "./document-cases.ts";

/** The schemas that CycloneDX's own library brings. */
const folder = join(
  dirname(
    createRequire(join(import.meta.dirname, "../packages/sbom/package.json")).resolve(
      "@cyclonedx/cyclonedx-library/package.json",
    ),
  ),
  "res/schema",
);

function load(fileName: string): { fileName: string; contents: string } {
  return { fileName, contents: readFileSync(join(folder, fileName), "utf8") };
}

const inventories = await caseInventories();

test.each(written.filter(({ name }) => name.startsWith("cyclonedx-xml@")))(
  "$name is valid by the published XML schema (SBOM-5)",
  async (format) => {
    const schema = `bom-${format.name.split("@")[1] ?? ""}.SNAPSHOT.xsd`;
    const documents = [...inventories].map(([name, inventory], index) => ({
      fileName: `${index}-${name.replaceAll("/", "-")}.xml`,
      contents: textOf(format, inventory, options),
    }));
    const check = async (xml: typeof documents): Promise<readonly { readonly rawMessage: string }[]> =>
      (await validateXML({ xml, schema: [load(schema)], preload: [load("spdx.SNAPSHOT.xsd")] })).errors;
    expect(await check(documents)).toEqual([]);
    const [first] = documents;
    const broken = { fileName: "broken.xml", contents: first?.contents.replaceAll("purl>", "Purl>") ?? "" };
    expect((await check([broken])).length).toBeGreaterThan(0);
  },
);
