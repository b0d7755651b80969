import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { lintDocument, openDocument, type OpenedDocument } from "@sc/sbom";
import { isScError } from "@sc/model";
import { expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";

const folder = dataFolder("sbom");

const files =
  folder === undefined
    ? []
    : readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.(json|spdx|xml)$/.test(entry.name))
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
        .toSorted();

function open(file: string): OpenedDocument | undefined {
  return openDocument(readFileSync(join(folder ?? "", file)), { where: file });
}

/** The first two versions of CycloneDX, XML alone and without metadata or graph, are not read. */
function isFirstVersion(file: string): boolean {
  const text = readFileSync(join(folder ?? "", file), "utf8");
  return /xmlns(:\w+)?="http:\/\/cyclonedx\.org\/schema\/bom\/1\.[01]"/.test(text);
}

/** SPDX is read as JSON and as tag-value; beside its examples lie those in other forms, and build files. */
const valid = files.filter(
  (file) =>
    /(^|\/)(cyclonedx\/.*\/valid-|spdx-examples\/.*\.(json|spdx)$|bom-examples\/)/.test(file) && !isFirstVersion(file),
);

test.skipIf(folder === undefined)("there are valid documents to read", () => {
  expect(valid.length).toBeGreaterThan(0);
});

test.each(valid)("%s, which is valid, is read (SBOM-4)", (file) => {
  const inventory = open(file)?.inventory();
  expect(inventory).toBeDefined();
  expect(inventory?.packages.every(({ purl, id }) => purl.startsWith("pkg:") && id !== "")).toBe(true);
});

test.skipIf(folder === undefined)("what is not read is refused with a code, never by accident", () => {
  for (const file of files) {
    try {
      open(file)?.inventory();
    } catch (error) {
      expect(isScError(error), `${file}: ${String(error)}`).toBe(true);
    }
  }
});

const cyclonedx = files.filter((file) => /(^|\/)cyclonedx\/.*\/(in)?valid-/.test(file));

test.each(cyclonedx)("%s is accepted in silence only when it is valid", (file) => {
  const codes = (): readonly string[] | undefined => {
    try {
      return open(file)
        ?.inventory()
        .problems.map(({ code }) => code);
    } catch (error) {
      if (isScError(error)) return [error.code];
      throw error;
    }
  };
  const found = [...new Set(codes())].filter((code) => code !== "PURL_INVALID");
  const known = ["DOCUMENT_INVALID", "DECODE_FAILED", "DOCUMENT_UNSUPPORTED"];
  if (isFirstVersion(file)) expect(["DOCUMENT_UNSUPPORTED", "DECODE_FAILED"]).toContain(found[0]);
  else if (file.includes("/invalid-")) expect(known).toContain(found[0]);
  else expect(found).toEqual([]);
});

/** What the name of a fixture says is missing, and the line that must notice. */
const gaps: readonly (readonly [name: RegExp, check: string])[] = [
  [/-no-(authors?)\b/, "author"],
  [/-no-timestamp\b/, "timestamp"],
  [/-no-version\b/, "component-version"],
  [/-no-supplier\b/, "component-supplier"],
  [/-no-dependencies\b/, "relationships"],
  [/-no-checksums\b/, "component-hash"],
];

const fixtures = files.flatMap((file) =>
  gaps.flatMap(([name, check]) => (/(^|\/)sbomqs\//.test(file) && name.test(file) ? [[file, check] as const] : [])),
);

test.each(fixtures)("%s lacks what its name says: %s", (file, check) => {
  const document = open(file);
  if (document === undefined) throw new Error("not read");
  const result = lintDocument(document.facts(), "cisa").results.find(({ id }) => id === check);
  expect(result?.passed).toBeLessThan(result?.of ?? 0);
});
