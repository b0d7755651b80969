import type { Inventory } from "@sc/model";
import { findDocumentFormat, takeInventory } from "@sc/sbom";
import { buildLayer, type LayerEntry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { layerSource } from "./folder-layer.ts";
import { ndbDatabase, rpmHeader } from "./rpm-database.ts";
import { type Recorded, systemKinds } from "./system-kinds.ts";

async function taken(entries: readonly LayerEntry[]): Promise<Inventory> {
  const layers = [layerSource(buildLayer(entries))];
  return takeInventory({ subject: { type: "image", name: "image" }, layers }, { workers: false });
}

const metadata = "usr/lib/python3/dist-packages/lib-1.0.dist-info/METADATA";
const project: LayerEntry = { path: metadata, content: "Name: lib\nVersion: 1.0\n" };
const owner: Recorded = ["python3-lib", "1.0-1", [metadata]];

const records = systemKinds.map(({ type, id, record }) => ({ type, id, entries: record([owner]) }));

describe.each(records)("$type", ({ type, id, entries }) => {
  test("a language's package among the files of a package is related to it, and both are listed once (SBOM-3)", async () => {
    const release = { path: "etc/os-release", content: `ID=${id}\n` };
    const { packages, relationships, problems } = await taken([release, ...entries, project]);
    expect(packages.map((one) => one.type).toSorted()).toEqual(["pypi", type].toSorted());
    const [system, python] = [type, "pypi"].map((wanted) => packages.find((one) => one.type === wanted));
    expect(relationships).toEqual([{ from: python?.id, to: system?.id, type: "owned-by" }]);
    expect(system?.origin).toBe("distribution");
    expect(problems).toEqual([]);
  });

  test("a language's package beside the files of a package is not related to it", async () => {
    const elsewhere = { path: `opt/${metadata}`, content: "Name: lib\nVersion: 1.0\n" };
    const { packages, relationships } = await taken([...entries, elsewhere]);
    expect(packages).toHaveLength(2);
    expect(relationships).toEqual([]);
  });
});

describe("edges", () => {
  /** Each of these needs the other by a name that it does not have itself. */
  const cases = [
    {
      type: "apk",
      entries: [
        {
          path: "lib/apk/db/installed",
          content:
            "P:app\nV:1\nD:so:libz.so.1 cmd:sh !bad ghost\n\nP:zlib\nV:1\np:so:libz.so.1=1.3\n\nP:shell\nV:1\np:cmd:sh=1\n",
        },
      ],
    },
    {
      type: "deb",
      entries: [
        {
          path: "var/lib/dpkg/status",
          content:
            "Package: app\nVersion: 1\nDepends: zlib (>= 1) | other, awk:any\nPre-Depends: ghost\n\nPackage: zlib\nVersion: 1\n\nPackage: shell\nVersion: 1\nProvides: awk (= 1)\n",
        },
      ],
    },
    {
      type: "rpm",
      entries: [
        {
          path: "var/lib/rpm/Packages.db",
          content: ndbDatabase([
            rpmHeader({
              name: "app",
              version: "1",
              release: "1",
              requires: ["libz.so.1()(64bit)", "/bin/sh", "ghost"],
            }),
            rpmHeader({ name: "zlib", version: "1", release: "1", provides: ["libz.so.1()(64bit)"] }),
            rpmHeader({ name: "shell", version: "1", release: "1", files: ["/usr/bin/sh"] }),
          ]),
        },
      ],
    },
  ];

  test.each(cases)(
    "$type: names, provisions and libraries lead to the packages that answer to them (SBOM-3)",
    async ({ entries }) => {
      const inventory = await taken(entries);
      const ids = new Map(inventory.packages.map(({ id, name }) => [id, name]));
      const edges = inventory.relationships.map(({ from, to, type }) => [ids.get(from), type, ids.get(to)].join(" "));
      expect(edges).toEqual(["app depends-on shell", "app depends-on zlib"]);
    },
  );

  test.each(cases)(
    "$type: in CycloneDX every component is reached from the root, through the distribution's (SBOM-4)",
    async ({ type, entries }) => {
      const id = { apk: "alpine", deb: "debian" }[type] ?? "fedora";
      const release = { path: "etc/os-release", content: `ID=${id}\nVERSION_ID=1\n` };
      const inventory = await taken([release, ...entries, project]);
      const bytes = Buffer.concat([...(findDocumentFormat("cyclonedx-json")?.write(inventory) ?? [])]);
      const bom: {
        metadata: { component: { "bom-ref": string } };
        components: { "bom-ref": string }[];
        dependencies: { ref: string; dependsOn?: string[] }[];
      } = JSON.parse(bytes.toString());
      const edges = new Map(bom.dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
      const references = [bom.metadata.component, ...bom.components].map((one) => one["bom-ref"]);
      expect([...edges.keys()].toSorted()).toEqual(references.toSorted());
      const reached = new Set([bom.metadata.component["bom-ref"]]);
      for (const reference of reached) for (const next of edges.get(reference) ?? []) reached.add(next);
      expect([...reached].toSorted()).toEqual(references.toSorted());
      expect(references).toHaveLength(6);
    },
  );
});
