import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Inventory, Package } from "@sc/model";
import { takeInventory } from "@sc/sbom";
import { catalogers } from "@sc/sbom/catalogers";
import { buildLayer, type LayerEntry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { folderEntries, layerSource } from "./folder-layer.ts";
import { catalogerParsers } from "./hostile-parsers.ts";

// The repository's own cases with one text in them made longer than any name or version is: whatever format it stands in,
// what has it is told by file and reason, the rest is found, and the inventory says that it is not complete.

const vectors = join(import.meta.dirname, "../vectors/catalogers");

interface Kind {
  readonly what: "name" | "version";
  /** What stands in the place of the text. */
  readonly longer: (text: string) => string;
}

const kinds: readonly Kind[] = [
  { what: "version", longer: () => "9".repeat(2000) },
  { what: "name", longer: (text) => text + "n".repeat(3000) },
];

/** Why a cataloger has no text to make longer: the bounds of what it reads are tested elsewhere. */
const without: ReadonlyMap<string, string> = new Map([
  ...["go-binaries", "rust-binaries", "elf-package-notes", "linux-kernel", "known-binaries"].map(
    (id) => [id, "a program, and of texts in it only what fits a pattern is one of its"] as const,
  ),
  ...["java-archives", "python-archives", "editor-archives", "yarn-archives"].map((id) => [id, "an archive"] as const),
  ...["homebrew", "lua-rocks", "nix-store", "opam", "portage"].map(
    (id) => [id, "told by its path, whose length the reader of layers bounds"] as const,
  ),
  ["nix", "a database of pages"],
  ["os-release", "it has no packages"],
]);

/** What a package is not told by, though it stands in the file: WordPress goes by the folder's name. */
const aside: ReadonlySet<string> = new Set(["wordpress name"]);

interface Case {
  readonly id: string;
  readonly what: Kind["what"];
  readonly path: string;
  readonly entries: readonly LayerEntry[];
  readonly victim: Package;
  readonly changed: readonly LayerEntry[];
  readonly before: Inventory;
}

async function taken(entries: readonly LayerEntry[]): Promise<Inventory> {
  const layers = [layerSource(buildLayer(entries, { compression: "none" }))];
  const input = { subject: { type: "image", name: "image" }, layers } as const;
  return takeInventory(input, { declared: true, workers: false, verifyDiffIds: false });
}

/** For each kind of file of a case the first package whose text stands in the file and in no other package. */
async function casesOf(id: string, entries: readonly LayerEntry[]): Promise<Case[]> {
  const before = await taken(entries);
  const cases: Case[] = [];
  for (const { what, longer } of kinds) {
    const files = new Set<string>();
    for (const victim of before.packages.filter(({ cataloger }) => cataloger === id)) {
      const path = victim.locations[0]?.path ?? "";
      const file = path.slice(path.lastIndexOf("/") + 1);
      const entry = entries.find((one) => one.path === path);
      const text = Buffer.from(entry?.content ?? "").toString("latin1");
      const own = victim[what];
      const isOwn = before.packages.every((other) => other === victim || !`${other.name} ${other[what]}`.includes(own));
      const isText = !text.includes("\0") && !/^[0-9a-f]{40}$/.test(own) && !aside.has(`${id} ${what}`);
      if (entry === undefined || files.has(file) || own.length < 2 || !isOwn || !isText || !text.includes(own))
        continue;
      files.add(file);
      const content = Buffer.from(
        text.replaceAll(own, () => longer(own)),
        "latin1",
      );
      const changed = entries.map((one) => (one === entry ? { ...entry, content } : one));
      cases.push({ id, what, path, entries, victim, changed, before });
    }
  }
  return cases;
}

const cases = new Map<string, Case[]>();
for (const { id } of catalogers) {
  if (without.has(id)) continue;
  const found: Case[] = [];
  for (const name of readdirSync(join(vectors, id))) {
    const layers = readdirSync(join(vectors, id, name)).filter((part) => part !== "expected.json");
    const [only] = layers;
    if (only !== undefined && layers.length === 1)
      found.push(...(await casesOf(id, folderEntries(join(vectors, id, name, only)))));
  }
  cases.set(id, found);
}

describe("a text longer than any is told, whatever format it stands in (SBOM-2, G 16–20, 30)", () => {
  test.each([...cases.keys()])("%s has a case", (id) => {
    expect(cases.get(id)).not.toEqual([]);
  });

  test.each([...cases.values()].flat())("$id: the $what of $victim.name in $path", async (one) => {
    const inventory = await taken(one.changed);
    expect(inventory.incomplete).toBe(true);
    const known = new Set(one.before.problems.map(({ message }) => message));
    const problems = inventory.problems.filter(({ message }) => !known.has(message));
    expect(problems.map(({ path }) => path)).toContain(one.path);
    expect(problems.map(({ incomplete }) => incomplete)).toContain(true);
    expect(JSON.stringify(inventory.problems).length).toBeLessThan(20_000);
    for (const { name, version } of inventory.packages) {
      expect(name.length).toBeLessThanOrEqual(1024);
      expect(version.length).toBeLessThanOrEqual(512);
    }
    const others = one.before.packages.filter(({ name }) => !lost(one).has(name));
    expect(named(inventory.packages)).toEqual(expect.arrayContaining(named(others)));
  });
});

function named(list: readonly Package[]): string[] {
  return list.map(({ type, name }) => `${type} ${name}`);
}

function whole(): never {
  throw new Error("read as a whole");
}

/** What goes with the package: what lies in it, where the file says so. */
function lost({ id, what, victim }: Case): ReadonlySet<string> {
  return new Set(id === "package-lock" && what === "name" ? [victim.name, "tiny"] : [victim.name]);
}

describe("a file of any size is refused, or read in parts up to a bound (SBOM-1, G 15, 16)", () => {
  const parsers = catalogerParsers.filter(({ id }) => id !== "known-binaries");
  test.each(parsers)("$id: $path", ({ id, path }) => {
    const cataloger = catalogers.find((one) => one.id === id);
    let read = 0;
    const readAt = (_offset: number, length: number): Uint8Array => {
      read += length;
      return new Uint8Array(Math.min(length, 65_536));
    };
    const file = { path, size: 2 ** 40, mode: 0o644, bytes: whole, text: whole, readAt };
    if (cataloger?.sniff === undefined && cataloger?.wants({ ...file, type: "file" }) !== true) return;
    const facts = cataloger.read(file);
    const refused = { kind: "problem", code: "FILE_TOO_LARGE", path, incomplete: true };
    if (read === 0 && !places.has(id)) expect(facts).toMatchObject(refused);
    expect(read).toBeLessThan(2 ** 20);
  });
});

/** What is told by its path alone, and modules of the kernel: compressed ones have a bound of their own. */
const places: ReadonlySet<string> = new Set(["homebrew", "lua-rocks", "nix-store", "linux-kernel"]);
