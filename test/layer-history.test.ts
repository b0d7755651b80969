import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Inventory } from "@sc/model";
import type { RootFilesystem } from "@sc/rootfs";
import {
  type Cataloger,
  catalogInventory,
  findDocumentFormat,
  type InventoryOptions,
  openDocument,
  takeInventory,
} from "@sc/sbom";
import { buildLayer, type BuiltLayer, type LayerEntry, whiteout } from "@sc/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { layerSource } from "./folder-layer.ts";
import { systemKinds } from "./system-kinds.ts";

const subject = { type: "image", name: "image" } as const;

async function taken(layers: readonly BuiltLayer[], options: InventoryOptions = {}): Promise<Inventory> {
  return takeInventory({ subject, layers: layers.map((layer) => layerSource(layer)) }, { workers: false, ...options });
}

function built(...layers: readonly (readonly LayerEntry[])[]): BuiltLayer[] {
  return layers.map((entries) => buildLayer(entries, { compression: "none" }));
}

const file = (path: string, content: string = path): LayerEntry => ({ path, content });
const codes = (inventory: Inventory): string[] => inventory.problems.map(({ code }) => code);

describe.each(systemKinds)("$type", ({ type, id, database, record, forget }) => {
  const release = file("etc/os-release", `ID=${id}\n`);
  const shell = ["shell", "1.0-1", ["bin/shell", "etc/shell.conf"]] as const;
  const tls = ["tls", "3.0-1", ["usr/lib/libtls.so", "usr/bin/tls"]] as const;
  const content = [file("bin/shell"), file("etc/shell.conf"), file("usr/lib/libtls.so"), file("usr/bin/tls")];
  const base = [release, ...record([shell, tls]), ...content];

  test("a database that a later layer deletes while its files remain is a problem that says where (SBOM-2, G 31)", async () => {
    const layers = built(base, [file("srv/app")], [whiteout(database)]);
    const inventory = await taken(layers);
    expect(inventory.packages.filter((one) => one.type === type)).toEqual([]);
    const problem = inventory.problems.find(({ code }) => code === "PACKAGE_DATABASE_DELETED");
    expect(problem).toMatchObject({ layer: layers[2]?.descriptor.digest, incomplete: true });
    expect(problem?.path?.startsWith(database)).toBe(true);
    expect(problem?.message).toContain(
      '2 packages was deleted in layer 2, while 3 of their files remain: "shell", "tls"',
    );
    expect(inventory.incomplete).toBe(true);
  });

  test("a database that goes with all its files is no problem of a deleted database", async () => {
    const gone = [...content].map(({ path }) => whiteout(path));
    expect(codes(await taken(built(base, [whiteout(database), ...gone])))).toEqual(["PACKAGE_DATABASE_MISSING"]);
  });

  test("a package that a later layer takes out of the database while its files remain is a problem (G 31)", async () => {
    const edited = [...record([shell]), ...forget(tls, true)];
    const inventory = await taken(built(base, edited));
    expect(inventory.packages.map(({ name }) => name)).toEqual(["shell"]);
    const [problem] = inventory.problems;
    expect(problem?.code).toMatch(/^PACKAGE_(RECORD_EDITED|DATABASE_DELETED)$/);
    expect(problem?.message).toContain('2 of their files remain: "tls"');
    expect(inventory.incomplete).toBe(true);
  });

  test("a package that is given a newer version without any new file is a problem", async () => {
    const edited = [...record([shell, ["tls", "3.9-1", tls[2]]]), ...forget(tls, false)];
    const inventory = await taken(built(base, edited));
    expect(inventory.packages.map(({ version }) => version)).toContain("3.9-1");
    expect(inventory.problems[0]?.message).toContain('2 of their files remain: "tls"');
  });

  test("an upgrade, which brings files, and a removal, which takes them away, are no problem", async () => {
    const upgrade = [...record([shell, ["tls", "3.9-1", tls[2]]]), ...forget(tls, false), file("usr/bin/tls", "new")];
    expect(await taken(built(base, upgrade))).toMatchObject({ problems: [], incomplete: false });
    const removal = [...record([shell]), ...forget(tls, true), ...tls[2].map((path) => whiteout(path))];
    expect(await taken(built(base, removal))).toMatchObject({ problems: [], incomplete: false });
  });

  test("files that a layer puts in the place of those of a package it removes are not the package's", async () => {
    const own = tls[2].map((path) => file(path, "built here"));
    const next = [...record([shell]), ...forget(tls, true), ...own];
    expect(await taken(built(base, next))).toMatchObject({ problems: [], incomplete: false });
  });

  test("what a removal leaves of configuration, and what another package has taken over, is no problem", async () => {
    const other = ["other", "1.0-1", [...tls[2], "bin/other"]] as const;
    const gone = [...forget(tls, true), ...forget(shell, true), whiteout("bin/shell")];
    const next = [...record([other]), ...gone, file("bin/other")];
    expect(await taken(built(base, next))).toMatchObject({ problems: [], incomplete: false });
  });

  test("a package belongs to the layer that brought it, however often its database is written again (SBOM-3)", async () => {
    const more = ["more", "1.0-1", ["bin/more"]] as const;
    const last = ["last", "1.0-1", ["bin/last"]] as const;
    const layers = built(
      base,
      [...record([shell, tls, more]), file("bin/more")],
      [file("srv/app")],
      [...record([shell, tls, more, last]), file("bin/last")],
    );
    const { packages } = await taken(layers);
    const places = packages.map(({ name, locations }) => [name, locations[0]?.layerIndex, locations[0]?.layer]);
    expect(Object.fromEntries(places.map(([name, index]) => [name, index]))).toEqual({
      shell: 0,
      tls: 0,
      more: 1,
      last: 3,
    });
    for (const [, index, layer] of places) expect(layer).toBe(layers[Number(index)]?.descriptor.digest);
  });
});

test("more hidden facts than are compared make the inventory incomplete instead of taking hours", () => {
  const layers = built([]).map(({ descriptor: { digest, mediaType, size } }) => ({ digest, mediaType, size }));
  const facts = new Map(Array.from({ length: 100_000 }, (_, at) => [String(at), at]));
  let runs = 0;
  const cataloger: Cataloger<unknown> = {
    id: "counting",
    version: 1,
    evidence: "installed",
    database: true,
    wants: () => false,
    read: () => undefined,
    catalog: () => {
      runs += 1;
      return [];
    },
  };
  const root: RootFilesystem = {
    layers: [],
    problems: [],
    hiddenProblems: [],
    facts: () => facts,
    hiddenFacts: () =>
      Array.from({ length: 1000 }, (_, layer) => ({ path: "p", layer, hiddenBy: layer + 1, value: 0 })),
    layerOf: () => undefined,
    lstat: () => undefined,
    stat: () => undefined,
    resolve: () => undefined,
  };
  const inventory = catalogInventory({ subject, layers, catalogers: [cataloger], root });
  expect(runs).toBeLessThan(30);
  expect(inventory.problems).toMatchObject([{ code: "TOO_MUCH_HISTORY", incomplete: true }]);
  expect(inventory.incomplete).toBe(true);
});

test("a package that comes back belongs to the layer that brought it back", async () => {
  const { packages } = await taken(
    built(
      [file("lib/apk/db/installed", "P:a\nV:1\n")],
      [file("lib/apk/db/installed", "")],
      [file("lib/apk/db/installed", "P:a\nV:1\n")],
    ),
  );
  expect(packages.map(({ locations }) => locations[0]?.layerIndex)).toEqual([2]);
});

test("a list of files that is left when only the record is deleted says what remains", async () => {
  const base = [
    file("etc/os-release", "ID=debian\n"),
    file("var/lib/dpkg/status", "Package: tls\nVersion: 1\n"),
    file("var/lib/dpkg/info/tls.list", "/.\n/usr\n/usr/bin\n/usr/bin/tls\n"),
    file("usr/bin/tls"),
  ];
  const inventory = await taken(built(base, [whiteout("var/lib/dpkg/status")]));
  expect(inventory.problems.find(({ code }) => code === "PACKAGE_DATABASE_DELETED")?.message).toContain(
    'var/lib/dpkg/status: the record of 1 package was deleted in layer 1, while 1 of their files remain: "tls"',
  );
});

/** What is told of each package's layers. */
function states({ packages }: Inventory): unknown[] {
  return packages.map(({ purl, properties, locations }) => [
    purl,
    properties?.["layer:state"],
    properties?.["layer:hidden-by"],
    locations[0]?.layerIndex,
  ]);
}

describe("all layers", () => {
  const npm = (name: string, version: string): LayerEntry =>
    file(`app/node_modules/${name}/package.json`, JSON.stringify({ name, version }));
  const layers = built(
    [
      file("etc/os-release", "ID=alpine\nVERSION_ID=3.20.3\n"),
      file("lib/apk/db/installed", "P:musl\nV:1.2.4-r0\n\nP:gcc\nV:13-r0\nL:GPL-3.0-only\n"),
      npm("gone", "1.0.0"),
      npm("kept", "1.0.0"),
      file("app/node_modules/broken/package.json", "{"),
    ],
    [
      file("lib/apk/db/installed", "P:musl\nV:1.2.5-r0\n\nP:gcc\nV:13-r0\n"),
      npm("kept", "2.0.0"),
      whiteout("app/node_modules/broken"),
    ],
    [file("lib/apk/db/installed", "P:musl\nV:1.2.5-r0\n"), whiteout("app/node_modules/gone")],
  );

  test("packages of every layer are listed, and those that are not in the image say so (SBOM-3)", async () => {
    const inventory = await taken(layers, { scope: "all-layers" });
    const listed = inventory.packages.map(({ name, version, locations, properties }) => [
      name,
      version,
      locations[0]?.layerIndex,
      properties?.["layer:state"] ?? "present",
      properties?.["layer:hidden-by"],
    ]);
    expect(listed).toEqual([
      ["gcc", "13-r0", 0, "hidden", "2"],
      ["musl", "1.2.4-r0", 0, "hidden", "1"],
      ["musl", "1.2.5-r0", 1, "present", undefined],
      ["gone", "1.0.0", 0, "hidden", "2"],
      ["kept", "1.0.0", 0, "hidden", "1"],
      ["kept", "2.0.0", 1, "present", undefined],
    ]);
    expect(inventory.packages[0]?.licenses).toEqual([{ declared: "GPL-3.0-only", expression: "GPL-3.0-only" }]);
    expect(inventory.problems.map(({ path }) => path)).toContain("app/node_modules/broken/package.json");
  });

  test("the packages of the image are the same as without, and without nothing hidden is listed", async () => {
    const squashed = await taken(layers);
    const all = await taken(layers, { scope: "all-layers" });
    expect(all.packages.filter(({ properties }) => properties?.["layer:state"] === undefined)).toEqual(
      squashed.packages,
    );
    expect(squashed.packages.map(({ version }) => version)).toEqual(["1.2.5-r0", "2.0.0"]);
    expect(squashed.problems).toEqual([]);
  });

  test("the inventory is the same with a cache, warm or cold (SBOM-5)", async () => {
    const cacheDirectory = await mkdtemp(join(tmpdir(), "sc-history-"));
    onTestFinished(() => rm(cacheDirectory, { recursive: true }));
    const expected = JSON.stringify(await taken(layers, { scope: "all-layers" }));
    for (const _ of ["cold", "warm"])
      expect(JSON.stringify(await taken(layers, { scope: "all-layers", cacheDirectory }))).toBe(expected);
  });

  test.each(["cyclonedx-json", "cyclonedx-xml", "spdx-json", "spdx-tag-value", "spdx3-json", "syft-json"])(
    "%s keeps which packages are hidden, and by which layer (SBOM-4)",
    async (id) => {
      const inventory = await taken(layers, { scope: "all-layers" });
      const bytes = Buffer.concat([...(findDocumentFormat(id)?.write(inventory) ?? [])]);
      const back = openDocument(bytes, { where: id })?.inventory();
      expect(back === undefined ? undefined : new Set(states(back))).toEqual(new Set(states(inventory)));
    },
  );
});
