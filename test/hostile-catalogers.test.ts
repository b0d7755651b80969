import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Problem } from "@sc/model";
import { type Cataloger, type CatalogResult, catalogers, takeInventory } from "@sc/sbom";
import { buildLayer, type LayerEntry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { folderEntries, layerSource } from "./folder-layer.ts";

const vectors = join(import.meta.dirname, "../vectors/catalogers");
const size = 2 ** 20;

function fill(text: string): string {
  return text.repeat(Math.ceil(size / text.length)).slice(0, size);
}

/** The same bytes in every run, and no text. */
function noise(): Uint8Array {
  let state = 42;
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 16;
  });
}

/** A mebibyte of what makes careless parsers take time square in the length, run out of stack, or give up. */
const payloads: readonly (readonly [string, string | Uint8Array])[] = [
  ["one letter", fill("a")],
  ["line ends", fill("\n")],
  ["carriage returns", fill("\r")],
  ["spaces", fill(" ")],
  ["folded lines", `Package: a\n${fill(" x\n")}`],
  ["nul bytes", fill("\0")],
  ["noise", noise()],
  ["colons", fill(":")],
  ["equal signs and quotes", fill('A="')],
  ["open brackets", fill("[")],
  ["nested objects", fill('{"a":')],
  ["a long string", `{"name":"${fill("x")}","version":"1"}`],
  ["empty fields", fill("a:\n")],
  ["many fields", Array.from({ length: 80_000 }, (_, at) => `f${at}: x`).join("\n")],
  ["a flood of apk records", fill("P:a\nV:1\n\n")],
  ["a flood of dpkg records", fill("Package: a\nVersion: 1\n\n")],
  ["a long list of names", `Package: a\nVersion: 1\nDepends: ${fill("a, ")}`],
  ["a long list of apk names", `P:a\nV:1\nD:${fill("so:a>=1 ")}`],
  ["a flood of requirements", `Name: a\nVersion: 1\n${fill("Requires-Dist: a ; extra == 'x'\n")}`],
  ["nested licences", `Name: a\nVersion: 1\nLicense: ${fill("(MIT OR ")}`],
  ["licences of a copyright file", `Format: x\n\n${fill("License: GPL-2+ or MIT, and\n\n")}`],
  ["many dependencies", JSON.stringify({ name: "a", version: "1", dependencies: manyNames() })],
  ["a flood of rpm lines", fill("a\t1-1\n")],
  ["a database of SQLite, then noise", headed(sqliteHead)],
  ["a ladder of pages of SQLite", headed(sqliteLadder)],
  ["a database of Berkeley DB, then noise", headed(berkeleyHead)],
  ["a flood of slots", headed(ndbHead)],
  ["paths upwards", fill("../")],
  ["a prototype", '{"__proto__":{"name":"a","version":"1"},"constructor":{"prototype":{}},"toString":1}'],
];

/** The head of a database of a kind, and noise for the rest of it. */
function headed(head: (bytes: Buffer) => void): Uint8Array {
  const bytes = Buffer.from(noise());
  head(bytes);
  return bytes;
}

/** As SQLite begins a database. */
function sqliteHead(bytes: Buffer): void {
  bytes.fill(0, 0, 512);
  bytes.write("SQLite format 3\0", 0, "latin1");
  bytes.writeUInt16BE(512, 16);
  bytes.writeUInt32BE(1, 56);
}

/** Interior pages all of whose children are the next page, and the last one a leaf. */
function sqliteLadder(bytes: Buffer): void {
  sqliteHead(bytes);
  for (let page = 1; page * 512 <= bytes.length; page += 1) {
    const start = page === 1 ? 100 : (page - 1) * 512;
    bytes.writeUInt8(5, start);
    bytes.writeUInt16BE(100, start + 3);
    bytes.writeUInt32BE(page + 1, start + 8);
    for (let at = start + 12; at + 2 <= page * 512; at += 2) bytes.writeUInt16BE(508, at);
    bytes.writeUInt32BE(page + 1, page * 512 - 4);
  }
}

function berkeleyHead(bytes: Buffer): void {
  bytes.fill(0, 0, 512);
  bytes.writeUInt32LE(0x00061561, 12);
  bytes.writeUInt32LE(512, 20);
  bytes.writeUInt8(8, 25);
  bytes.writeUInt32LE(0xffffffff, 32);
  for (let page = 1; page * 512 < bytes.length; page += 1) bytes.writeUInt8(page % 2 === 0 ? 13 : 7, page * 512 + 25);
}

function ndbHead(bytes: Buffer): void {
  bytes.fill(0, 0, 32);
  bytes.write("RpmP", 0, "latin1");
  bytes.writeUInt32LE(0xffffffff, 12);
  for (let at = 32; at < bytes.length; at += 16) {
    bytes.write("Slot", at, "latin1");
    bytes.writeUInt32LE(at, at + 4);
    bytes.writeUInt32LE(0, at + 8);
    bytes.writeUInt32LE(1000, at + 12);
  }
}

function manyNames(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 60_000 }, (_, at) => [`d${at}`, "*"]));
}

interface Target {
  readonly path: string;
  /** What a file has to begin with to be taken, where the cataloger looks at that and not at the name. */
  readonly head: Uint8Array;
}

/** One file for each name that the cataloger takes from its own cases. */
function targets(id: string): Target[] {
  const cataloger = catalogers.find((one) => one.id === id);
  const folders = readdirSync(join(vectors, id)).flatMap((name) =>
    readdirSync(join(vectors, id, name))
      .filter((part) => part !== "expected.json")
      .map((part) => join(vectors, id, name, part)),
  );
  const taken = folders
    .flatMap((folder) => folderEntries(folder))
    .flatMap(({ path, content }) => {
      if (content === undefined) return [];
      const bytes = Buffer.from(content);
      const file = { path, type: "file", size: bytes.length, mode: 0o644 } as const;
      if (cataloger?.wants(file) === true) return [{ path, head: Buffer.alloc(0) }];
      const first = bytes.subarray(0, 4096);
      return cataloger?.sniff?.(first, file) === true ? [{ path, head: first.subarray(0, 64) }] : [];
    });
  // Those told by their content have their parser chosen by its beginning, whatever they are called.
  const kindOf = ({ path, head }: Target): string =>
    head.length === 0 ? basename(path) : Buffer.from(head.subarray(0, 20)).toString("hex");
  return [...new Map(taken.map((target) => [kindOf(target), target])).values()];
}

/** A healthy package of each kind beside the hostile file: it must be found all the same. */
const witness: readonly LayerEntry[] = [
  { path: "witness/lib/apk/db/installed", content: "P:witness\nV:1\n\n" },
  { path: "witness/var/lib/dpkg/status", content: "Package: witness\nVersion: 1\n" },
  { path: "witness/node_modules/witness/package.json", content: '{"name":"witness","version":"1.0.0"}' },
  { path: "witness/witness-1.dist-info/METADATA", content: "Name: witness\nVersion: 1\n" },
];

/** A payload behind what the cataloger takes the file for. */
function contentOf({ head }: Target, payload: string | Uint8Array): Buffer {
  return Buffer.concat([head, Buffer.from(payload)]);
}

/** What one cataloger makes of one file by itself. */
function catalogued(cataloger: Cataloger<unknown>, path: string, content: Buffer): readonly CatalogResult[] {
  const facts = cataloger.read({
    path,
    size: content.length,
    mode: 0o644,
    bytes: () => content,
    text: () => content.toString("utf8"),
    readAt: (offset, length) => content.subarray(offset, offset + length),
  });
  if (facts === undefined) return [];
  // Facts pass between threads and through the cache as JSON.
  const kept: unknown = JSON.parse(JSON.stringify(facts));
  if (isProblem(facts)) return [facts];
  return [...cataloger.catalog(new Map([[path, kept]]), { distribution: undefined, resolve: () => undefined })];
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "problem";
}

describe.each(catalogers.map(({ id }) => id))("%s", (id) => {
  const [first, ...others] = targets(id);
  const cataloger = catalogers.find((one) => one.id === id);

  test.runIf(first !== undefined)(
    `${first?.path} may hold anything: nothing is thrown, little is kept, the rest is found (SBOM-2)`,
    async () => {
      for (const [what, payload] of payloads) {
        const entry = {
          path: first?.path ?? "",
          content: contentOf(first ?? { path: "", head: Buffer.alloc(0) }, payload),
        };
        const layer = buildLayer([entry, ...witness], { compression: "none" });
        // The layer's digest is checked all the same; its content's is the business of other tests.
        const inventory = await takeInventory(
          { subject: { type: "image", name: what }, layers: [layerSource(layer)] },
          { verifyDiffIds: false },
        );
        const found = inventory.packages.filter(({ name }) => name === "witness").map(({ type }) => type);
        expect(found, what).toEqual(["apk", "deb", "npm", "pypi"]);
        expect(inventory.packages.length, what).toBeLessThan(10);
        expect(inventory.problems.length, what).toBeLessThan(50);
        expect(JSON.stringify(inventory.problems).length, what).toBeLessThan(20_000);
      }
    },
  );

  test.each(others)("$path may hold anything: nothing is thrown and little is kept (SBOM-2)", (target) => {
    for (const [what, payload] of payloads) {
      const results = cataloger === undefined ? [] : catalogued(cataloger, target.path, contentOf(target, payload));
      // What a file says twice is one package of the inventory.
      const distinct = new Set(results.map((one) => (one.kind === "package" ? one.purl : JSON.stringify(one))));
      expect(distinct.size, what).toBeLessThan(50);
      expect(JSON.stringify(results.filter(isProblem)).length, what).toBeLessThan(20_000);
    }
  });
});

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
  const layer = buildLayer([{ path: "etc/os-release", content: "#".repeat(2 * size) }]);
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
