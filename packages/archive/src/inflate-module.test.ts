import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import wabt from "wabt";
import { inflateModule } from "./inflate-module.ts";

const features = { simd: true, bulk_memory: true };

test("the module that inflates is what its source says: nobody has to trust bytes", async () => {
  const source = new URL("./inflate.wat", import.meta.url);
  const assembler = await wabt();
  const parsed = assembler.parseWat("inflate.wat", await readFile(source, "utf8"), features);
  parsed.validate();
  const assembled = Buffer.from(parsed.toBinary({ canonicalize_lebs: true }).buffer).toString("base64");
  // `vitest run packages/archive/src/inflate-module.test.ts -u` writes it anew.
  await expect(moduleText(assembled)).toMatchFileSnapshot("./inflate-module.ts");
  expect(inflateModule).toBe(assembled);
});

function moduleText(base64: string): string {
  return [
    "// Assembled from inflate.wat by inflate-module.test.ts, which says how to do it again.",
    "",
    "/** The WebAssembly module of `inflate.wat`, in base64. */",
    "export const inflateModule: string =",
    `  "${base64}";`,
    "",
  ].join("\n");
}
