import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { limits } from "../limits.ts";
import { collectCuts } from "./cuts.ts";
import { FaultList } from "./faults.ts";
import { PathBudget } from "./path-budget.ts";
import { rpmTags } from "./rpm-header.ts";
import { rpmRecord } from "./rpm-record.ts";

/** The type of one text, and of a list of texts. */
const [text, list] = [6, 8] as const;

/** A header as rpm's database holds it, without a region: an index of tags, and the texts that they point to. */
function header(tags: readonly (readonly [tag: number, type: number, texts: readonly string[]])[]): Buffer {
  const data = tags.map(([, , texts]) => Buffer.from(texts.map((one) => `${one}\0`).join("")));
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32BE(tags.length, 0);
  sizes.writeUInt32BE(Buffer.concat(data).length, 4);
  let offset = 0;
  const index = tags.map(([tag, type, texts], at) => {
    const entry = Buffer.alloc(16);
    for (const [place, value] of [tag, type, offset, texts.length].entries()) entry.writeUInt32BE(value, place * 4);
    offset += data[at]?.length ?? 0;
    return entry;
  });
  return Buffer.concat([sizes, ...index, ...data]);
}

test.each([
  ["requires", rpmTags.requireName, limits.maxNames, "names that one package requires or provides"],
  ["provides", rpmTags.provideName, limits.maxNames, "names that one package requires or provides"],
  ["brings", rpmTags.oldFileNames, limits.maxFiles, "files of one package"],
])("what an rpm package %s past the bound is told, and no more is kept (SBOM-1)", (_, tag, most, what) => {
  const read = (count: number): ReturnType<typeof collectCuts<ReturnType<typeof rpmRecord>>> => {
    const blob = header([
      [rpmTags.name, text, ["a"]],
      [rpmTags.version, text, ["1"]],
      [rpmTags.release, text, ["1"]],
      [tag, list, Array.from({ length: count }, (_one, at) => `/${at}`)],
    ]);
    return collectCuts(() => rpmRecord(blob, { faults: new FaultList(), paths: new PathBudget() }));
  };
  expect(read(most)).toMatchObject({ result: { name: "a", version: "1-1" }, cuts: [] });
  const { result, cuts } = read(most + 1);
  expect(cuts).toEqual([`more than ${most} ${what}`]);
  const kept = [result?.requires, result?.provides, result?.files].map((names) => names?.length ?? 0);
  expect(Math.max(...kept)).toBeLessThanOrEqual(most);
});
