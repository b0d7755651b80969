import { describe, expect, test } from "vitest";
import { buildLayer, type LayerEntry, whiteout } from "@sc/testing";
import type { FileReader } from "./file-reader.ts";
import type { RootFilesystem } from "./root-filesystem.ts";
import { walkLayers, type WalkLayersOptions } from "./walk-layers.ts";

/** Reads `etc/db` with its log, and says what it was given. */
const database: FileReader<string> = {
  id: "database",
  version: 1,
  wants: ({ path }) => path === "etc/db",
  companionOf: (path) => (path === "etc/db-wal" ? "etc/db" : undefined),
  read: (file, companions = new Map()) =>
    [file, ...companions.values()].map((one) => `${one.path}=${one.text()}`).join(" "),
};

/** Wants the log for itself, and nothing else with it. */
const logs: FileReader<string> = {
  id: "logs",
  version: 1,
  wants: ({ path }) => path.endsWith("-wal"),
  read: (file, companions) => `${file.text()} ${companions?.size ?? "alone"}`,
};

async function walk(
  layers: readonly (readonly LayerEntry[])[],
  options: WalkLayersOptions = {},
): Promise<RootFilesystem> {
  const sources = layers.map((entries) => {
    const { descriptor, diffId, bytes } = buildLayer(entries);
    return { descriptor, diffId, open: async () => once(bytes) };
  });
  return walkLayers(sources, [database, logs], options);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const file = (path: string, content: string): LayerEntry => ({ path, content });
const read = (files: RootFilesystem): unknown => Object.fromEntries(files.facts("database"));

describe("files that are read together", () => {
  const db = file("etc/db", "pages");
  const wal = file("etc/db-wal", "log");
  const both = { "etc/db": "etc/db=pages etc/db-wal=log" };

  test.each([
    ["before", [wal, db]],
    ["after", [db, file("etc/other", "x"), wal]],
  ])("a companion that lies %s its file is given with it", async (_, entries) => {
    const files = await walk([entries]);
    expect(read(files)).toEqual(both);
    expect(files.facts("logs").get("etc/db-wal")).toBe("log alone");
    expect(files.problems).toEqual([]);
  });

  test("spooled companions are read alike", async () => {
    expect(read(await walk([[wal, db]], { limits: { maxMemoryBytes: 0 } }))).toEqual(both);
  });

  test("a file without a companion, or with an empty one, is read alone", async () => {
    expect(read(await walk([[db]]))).toEqual({ "etc/db": "etc/db=pages" });
    const empty = await walk([[db, file("etc/db-wal", "")]]);
    expect(read(empty)).toEqual({ "etc/db": "etc/db=pages" });
    expect(empty.problems).toEqual([]);
  });

  test("of two entries with one path the later is read", async () => {
    expect(read(await walk([[file("etc/db", "old"), file("etc/db-wal", "old"), wal, db]]))).toEqual(both);
  });

  test("a companion whose file is in another layer is a problem, while it can be seen", async () => {
    const apart = await walk([[db], [wal]]);
    expect(read(apart)).toEqual({ "etc/db": "etc/db=pages" });
    expect(apart.problems).toMatchObject([
      { code: "COMPANION_APART", path: "etc/db-wal", cataloger: "database", incomplete: true },
    ]);
    expect((await walk([[db], [wal], [whiteout("etc/db-wal")]])).problems).toEqual([]);
  });

  test("files behind a link are read together", async () => {
    const entries = [file("data/db", "pages"), file("data/db-wal", "log")];
    const files = await walk([[...entries, { path: "etc", type: "symlink", linkTarget: "data" }]]);
    expect(read(files)).toEqual(both);
    expect(files.problems).toEqual([]);
  });

  test("a companion behind a link whose file is elsewhere is a problem", async () => {
    const link: LayerEntry = { path: "etc/db-wal", type: "symlink", linkTarget: "../data/log" };
    const files = await walk([[db, file("data/log", "log"), link]]);
    expect(read(files)).toEqual({ "etc/db": "etc/db=pages" });
    expect(files.problems).toMatchObject([{ code: "COMPANION_APART", path: "etc/db-wal", incomplete: true }]);
  });

  test("a hard link to a file that is read with others is read with its own", async () => {
    const entries: LayerEntry[] = [
      file("data/db", "pages"),
      { path: "etc/db", type: "hardlink", linkTarget: "data/db" },
    ];
    expect(read(await walk([entries]))).toEqual({ "etc/db": "etc/db=pages" });
  });

  test("more files than may be held are a problem, not a crash", async () => {
    const files = await walk([[db, wal]], { limits: { maxHeldFiles: 1 } });
    expect(read(files)).toEqual({ "etc/db": "etc/db=pages" });
    expect(files.problems).toMatchObject([{ code: "COMPANION_LIMIT_EXCEEDED", path: "etc/db-wal", incomplete: true }]);
  });
});
