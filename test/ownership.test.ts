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

const java = (path: string, version: string): LayerEntry => ({
  path,
  content: `\u007fELF openjdk\0java\0${version.split(".", 2).join(".")}\0${version}\0`,
});
const python = (path: string, version: string): LayerEntry => ({ path, content: `\u007fELF\0${version}\0` });
const runtime = (path: string): LayerEntry => ({
  path,
  content: 'JAVA_VERSION="17.0.9"\nJAVA_RUNTIME_VERSION="17.0.9+9-LTS"\nIMPLEMENTOR="Eclipse Adoptium"\n',
});
const listed = async (entries: readonly LayerEntry[]): Promise<readonly unknown[]> =>
  (await taken(entries)).packages.map(({ purl, locations }) => [purl, locations.map(({ path }) => path)].flat());

describe("what several files show (SBOM-3)", () => {
  test("a program and its library of one version are one package with two places", async () => {
    expect(
      await listed([
        python("usr/local/lib/libpython3.11.so.1.0", "3.11.2"),
        python("usr/local/bin/python3.11", "3.11.2"),
      ]),
    ).toEqual([["pkg:generic/python@3.11.2", "usr/local/bin/python3.11", "usr/local/lib/libpython3.11.so.1.0"]]);
  });

  test("a program in two versions is two packages", async () => {
    expect(await listed([python("opt/a/python3", "3.11.2"), python("opt/b/python3", "3.12.1")])).toEqual([
      ["pkg:generic/python@3.11.2", "opt/a/python3"],
      ["pkg:generic/python@3.12.1", "opt/b/python3"],
    ]);
  });

  test("copies of which a package of the distribution owns one are told apart from it", async () => {
    const status = { path: "var/lib/dpkg/status", content: "Package: python3.11\nVersion: 3.11.2-6\n" };
    const list = { path: "var/lib/dpkg/info/python3.11.list", content: "/usr/bin/python3.11\n" };
    const both = [python("usr/bin/python3.11", "3.11.2"), python("opt/bin/python3.11", "3.11.2")];
    expect((await listed([status, list, ...both])).slice(1)).toEqual([
      [expect.stringContaining("pkg:generic/python@3.11.2"), "opt/bin/python3.11"],
    ]);
  });

  test.each(["17.0.9+9", "17.0.9+9-LTS", "17.0.9"])(
    "a Java runtime and its program of version %s are one package",
    async (version) => {
      expect(await listed([runtime("opt/java/release"), java("opt/java/bin/java", version)])).toEqual([
        ["pkg:generic/eclipse/temurin@17.0.9", "opt/java/release"],
      ]);
    },
  );

  test("a program of Java in the folder of a runtime of another version is a package of its own", async () => {
    expect(await listed([runtime("opt/java/release"), java("opt/java/bin/java", "17.0.10+7")])).toHaveLength(2);
    expect(await listed([runtime("opt/java/release"), java("opt/other/bin/java", "17.0.9+9")])).toHaveLength(2);
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
