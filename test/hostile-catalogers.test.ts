import { isScError } from "@sc/model";
import { takeInventory } from "@sc/sbom";
import { catalogers } from "@sc/sbom/catalogers";
import { buildLayer, hostileInputs, type LayerEntry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { layerSource } from "./folder-layer.ts";
import { catalogerParsers, documentParsers, isProblem } from "./hostile-parsers.ts";

// What one reading costs is the bench's business (bench/parsers.ts, over the same inputs): here time that grows without
// bound is what the test's own limit stops, and what is kept is counted.
const size = 8192;
const inputs = hostileInputs.map((input) => ({ name: input.name, bytes: input.bytes(size) }));

describe.each(catalogers.map(({ id }) => id))("%s", (id) => {
  const parsers = catalogerParsers.filter((parser) => parser.id === id);

  test("has a case of its own to be hostile with", () => {
    expect(parsers).not.toEqual([]);
  });

  test.each(parsers)("$path may hold anything: nothing is thrown and little is kept (SBOM-2, G 13–27)", (parser) => {
    for (const { name, bytes } of inputs) {
      const results = parser.make(parser.parse(parser.content(bytes)));
      const problems = Array.isArray(results) ? results.filter(isProblem) : [];
      expect(problems.length, name).toBeLessThan(50);
      expect(JSON.stringify(problems).length, name).toBeLessThan(20_000);
      // The most that a file says of a package in few words: its name again in a purl, an id and a path.
      expect(JSON.stringify(results).length, name).toBeLessThan(40 * size);
    }
    expect(Object.prototype).not.toHaveProperty("polluted");
  });
});

test.each(documentParsers)(
  "$id: a document may hold anything: what is thrown says what is wrong (SBOM-4, G 15–20, 32)",
  (parser) => {
    for (const { name, bytes } of inputs) {
      let kept: unknown;
      try {
        kept = parser.parse(bytes);
      } catch (error) {
        if (!isScError(error)) throw new Error(`${name}: threw what is no error of ours`, { cause: error });
        expect(error.message.length, name).toBeLessThan(2000);
      }
      expect(JSON.stringify(kept)?.length ?? 0, name).toBeLessThan(40 * size);
    }
    expect(Object.prototype).not.toHaveProperty("polluted");
  },
);

/** A healthy package of each kind beside the hostile files: it must be found all the same. */
const witness: readonly LayerEntry[] = [
  { path: "witness/lib/apk/db/installed", content: "P:witness\nV:1\n\n" },
  { path: "witness/var/lib/dpkg/status", content: "Package: witness\nVersion: 1\n" },
  { path: "witness/node_modules/witness/package.json", content: '{"name":"witness","version":"1.0.0"}' },
  { path: "witness/witness-1.dist-info/METADATA", content: "Name: witness\nVersion: 1\n" },
];

const firsts = catalogers.flatMap(({ id }) => catalogerParsers.find((parser) => parser.id === id) ?? []);

test.each(inputs.map(({ name, bytes }) => [name, bytes.subarray(0, 2048)] as const))(
  "%s in a file of every kind at once: the healthy packages of the image are found (SBOM-1, G 15–27)",
  async (_name, bytes) => {
    const files = firsts.map((parser) => ({
      path: `${parser.id}/${parser.path}`,
      content: Buffer.from(parser.content(bytes)),
    }));
    const layer = buildLayer([...files, ...witness], { compression: "none" });
    // The layer's digest is checked all the same; its content's is the business of other tests.
    const inventory = await takeInventory(
      { subject: { type: "image", name: "hostile" }, layers: [layerSource(layer)] },
      { verifyDiffIds: false, declared: true, workers: false },
    );
    const found = inventory.packages.filter(({ name }) => name === "witness").map(({ type }) => type);
    expect(found).toEqual(["apk", "deb", "npm", "pypi"]);
    expect(inventory.problems.filter(({ code }) => code === "CATALOGER_FAILED")).toEqual([]);
    expect(JSON.stringify(inventory.problems).length).toBeLessThan(firsts.length * 20_000);
  },
);

test("a flood of records is cut, and the inventory says that it is not complete", async () => {
  const content = Array.from({ length: 100_050 }, (_, at) => `P:p${at}\nV:1\n\n`).join("");
  const layer = buildLayer([{ path: "lib/apk/db/installed", content }]);
  const inventory = await takeInventory({ subject: { type: "image", name: "flood" }, layers: [layerSource(layer)] });
  expect(inventory.packages).toHaveLength(100_000);
  expect(inventory.problems.map(({ code }) => code)).toContain("TOO_MANY_RECORDS");
  expect(inventory.incomplete).toBe(true);
});

test("a long directory with many files in it does not make gigabytes of paths", async () => {
  const files = Array.from({ length: 100_000 }, (_, at) => `R:${at}\n`).join("");
  const content = ["a".repeat(4000), "a".repeat(500_000)]
    .map((directory, at) => `P:p${at}\nV:1\nF:${directory}\n${files}\n`)
    .join("");
  const layer = buildLayer([{ path: "lib/apk/db/installed", content }]);
  const inventory = await takeInventory({ subject: { type: "image", name: "paths" }, layers: [layerSource(layer)] });
  expect(inventory.packages.map(({ name }) => name)).toEqual(["p0", "p1"]);
  const lists = inventory.packages.map(({ files: list = [] }) => list);
  expect(lists[0]?.length).toBeGreaterThan(30_000);
  expect(lists.flat().reduce((sum, path) => sum + path.length, 0)).toBeLessThan(2 ** 27 + 1);
  const messages = inventory.problems.map(({ message }) => message);
  expect(messages).toContainEqual(expect.stringContaining("more or longer names of files"));
});

test("a database larger than is read is a problem, and the inventory says that it is not complete", async () => {
  const layer = buildLayer([{ path: "etc/os-release", content: "#".repeat(2 ** 21) }]);
  const inventory = await takeInventory({ subject: { type: "image", name: "large" }, layers: [layerSource(layer)] });
  expect(inventory.problems).toMatchObject([{ code: "FILE_TOO_LARGE", path: "etc/os-release", incomplete: true }]);
  expect(inventory.incomplete).toBe(true);
});

test("packages that all depend on what all provide are not related every one to every other", async () => {
  const content = Array.from({ length: 3000 }, (_, at) => `P:p${at}\nV:1\nD:x\np:x\n\n`).join("");
  const layer = buildLayer([{ path: "lib/apk/db/installed", content }]);
  const inventory = await takeInventory({ subject: { type: "image", name: "mesh" }, layers: [layerSource(layer)] });
  expect(inventory.relationships.length).toBeLessThanOrEqual(3000 * 100);
});
