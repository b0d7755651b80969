import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type FileEntry, ReaderIndex } from "@sc/rootfs";
import { catalogers } from "@sc/sbom/catalogers";
import { describe, expect, test } from "vitest";

const vectors = join(import.meta.dirname, "../vectors/catalogers");

/** The paths of all files of all vectors, as their layers have them: below the case and its layer. */
function vectorPaths(): string[] {
  const paths = new Set<string>();
  for (const entry of readdirSync(vectors, { recursive: true, withFileTypes: true })) {
    const [, , , ...inside] = join(entry.parentPath, entry.name).slice(vectors.length).split("/").slice(1);
    if (entry.isFile() && inside.length > 0) paths.add(inside.join("/"));
  }
  return [...paths];
}

/** The same file elsewhere, and under names that are spelt another way. */
function variants(path: string): string[] {
  const segments = path.split("/");
  const name = segments.at(-1) ?? "";
  const folder = segments.slice(0, -1).join("/");
  const names = [name, name.toUpperCase(), name.toLowerCase(), `${name}.gz`, `${name}-wal`, `a-${name}`];
  return [
    path,
    ...segments.map((_, at) => segments.slice(at).join("/")),
    ...["srv/deep/er", "nix/store/0123456789abcdfghijklmnpqrsvwxyz-a-1", "var/lib/dpkg/status.d"].map(
      (above) => `${above}/${path}`,
    ),
    ...names.map((other) => `${folder}/${other}`),
    ...["2.7", "3.11d", ".so.3", "-0123456789abcdef.so", "-6.1.0-18-amd64"].map(
      (end) => `${folder}/${name.replace(/[.\d-].*$/, "")}${end}`,
    ),
  ];
}

const programs = ["python", "libpython", "beam.smp", "redis-server", "librustc_driver", "vmlinuz", "bzImage", "java"];
const paths = [...vectorPaths(), ...programs.map((name) => `usr/bin/${name}`)].flatMap(variants);

describe("a cataloger is asked about every file that it wants", () => {
  test("there are thousands of paths to tell it by", () => {
    expect(paths.length).toBeGreaterThan(3000);
  });

  test.each(catalogers.map((cataloger) => [cataloger.id, cataloger] as const))("%s (SBOM-1)", (_, cataloger) => {
    const index = new ReaderIndex([cataloger]);
    const missed = paths.filter((path) => {
      const file: FileEntry = { path, type: "file", size: 1, mode: 0o644 };
      const concerned = cataloger.wants(file) || cataloger.companionOf?.(path) !== undefined;
      return concerned && index.asked(path).length === 0;
    });
    expect(missed).toEqual([]);
  });

  test("each says what names its files can have: to ask everybody about every file is slow", () => {
    expect(catalogers.filter(({ among }) => among === undefined).map(({ id }) => id)).toEqual([]);
    expect(new ReaderIndex(catalogers).asked("a/b.js")).toEqual([]);
  });
});
