import { type Cataloger, catalogers } from "@sc/sbom";
import { expect, test } from "vitest";

const size = 65_536;

function filled(text: string): string {
  return text.repeat(Math.ceil(size / text.length)).slice(0, size);
}

/** Texts that are hard for one kind of parser or another: none of them is what any of these files should be. */
const texts: readonly string[] = [
  "",
  "\0",
  "\uFEFF",
  ...['"', "\\", " ", "\n", "[", "{", "<a>", '{"a":', "a.", "- ", "a: ", "&a *a ", "/*", "<![CDATA[", "a=["].map(
    filled,
  ),
  `"${filled('\\"')}`,
  `{"packages":{"${filled("node_modules/a/")}":{"version":"1","dependencies":{"b":"1"}}}}`,
  `{"packages":{"${filled("a/")}":["a@1","",{"dependencies":{"b":"1"}},""]}}`,
  `{"__proto__":{"polluted":"1"},"constructor":{"prototype":{"polluted":"1"}},"packages":{"__proto__":{"version":"1.0.0"}}}`,
  '{"packages":[],"dependencies":7,"default":null,"pins":{},"graph_lock":[],"libraries":"x","Packages":[1]}',
  "[[package]]\nname = 7\nversion = []\ndependencies = 3\nsource = 'x'\n",
  "packages: [7]\ndependencies: {a: b}\nPODS: {a: b}\nimporters: 3\nsnapshots: []\n",
  `a@1:\n  version "${filled("9")}"\n`,
  `a==${filled("9")}\n`,
  `<project><dependencies><dependency><groupId>\${a}</groupId></dependency></dependencies></project>`,
];

function readAndCatalog(cataloger: Cataloger<unknown>, text: string, path: string): unknown {
  const bytes = Buffer.from(text);
  const facts = cataloger.read({
    path,
    size: bytes.length,
    mode: 0o644,
    bytes: () => bytes,
    text: () => text,
    readAt: (offset, length) => bytes.subarray(offset, offset + length),
  });
  // Facts go from thread to thread and into the cache: they have to be plain data.
  const cloned: unknown = structuredClone(facts);
  if (typeof cloned !== "object" || cloned === null || "code" in cloned) return cloned;
  return [...cataloger.catalog(new Map([[path, cloned]]), { distribution: undefined, resolve: () => undefined })];
}

for (const cataloger of catalogers.filter(({ evidence }) => evidence === "declared")) {
  test(`${cataloger.id}: a hostile file makes problems and never an exception (G 15–20)`, () => {
    for (const text of texts) {
      for (const path of ["case/x", "case/go.sum"]) {
        const result = readAndCatalog(cataloger, text, path);
        expect(JSON.stringify(result)?.length ?? 0).toBeLessThan(1_000_000);
      }
    }
    expect(Object.prototype).not.toHaveProperty("polluted");
  });
}
