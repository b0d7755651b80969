import type { Problem } from "@sc/model";
import { expect, test } from "vitest";
import { chooseCatalogers } from "../choose-catalogers.ts";
import { runCataloger } from "../run-cataloger.ts";

/** What a file with that content makes a cataloger say. */
function problemsOf(id: string, path: string, content: string): readonly Problem[] {
  const cataloger = chooseCatalogers([id]).find((one) => one.id === id);
  if (cataloger === undefined) throw new Error(`no cataloger ${id}`);
  const bytes = Buffer.from(content);
  const readAt = (offset: number, length: number): Uint8Array => bytes.subarray(offset, offset + length);
  const file = { path, size: bytes.length, mode: 0o644, bytes: () => bytes, text: () => content, readAt };
  const facts = cataloger.read(file);
  if (facts === undefined) return [];
  if (typeof facts === "object" && facts !== null && "kind" in facts && facts.kind === "problem")
    return [facts as never];
  return runCataloger(cataloger, new Map([[path, facts]]), { distribution: undefined, resolve: () => undefined })
    .problems;
}

function nested(open: string, inner: string, close: string): (depth: number) => string {
  return (depth) => open.repeat(depth) + inner + close.repeat(depth);
}

const lists = nested("[", "1", "]");
const elements = nested("<a>", "", "</a>");
const arrays = nested("a:1:{i:0;", "i:1;", "}");

// JSON has no such bound: it is read without recursion.
test.each([
  ["YAML", "pubspec-lock", "pubspec.lock", 98, (depth: number) => `packages: {}\na: ${lists(depth)}\n`],
  ["documents of YAML", "pubspec-lock", "pubspec.lock", 99, (count: number) => "a: b\n---\n".repeat(count) + "a: b\n"],
  ["TOML", "cargo-lock", "Cargo.lock", 98, (depth: number) => `package = []\na = ${lists(depth)}\n`],
  ["XML", "packages-config", "packages.config", 499, (depth: number) => `<packages>${elements(depth)}</packages>`],
  [
    "PHP's serialize",
    "pear-packages",
    ".registry/a.reg",
    49,
    (depth: number) => `a:3:{s:4:"name";s:1:"a";s:7:"version";s:1:"1";s:1:"x";${arrays(depth)}}`,
  ],
])("%s nested deeper than is read is a problem of the file, and the inventory incomplete (G 19, 20)", (...of) => {
  const [, id, path, most, make] = of;
  expect(problemsOf(id, path, make(most))).toEqual([]);
  expect(problemsOf(id, path, make(most + 3))).toMatchObject([{ path, incomplete: true }]);
});
