import { join } from "node:path";
import type { Inventory, Package, PackageLocation } from "@sc/model";
import { documentFormats, findDocumentFormat, openDocument } from "@sc/sbom";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { bytesOf, caseInventories, everything, nothing, options, readable, textOf, written } from "./document-cases.ts";
import { schemaCheck } from "./schema.ts";

const schemas = dataFolder("schemas");

/** Documents do not list the files of packages. */
function withoutFiles({ files: _files, ...entry }: Package): Package {
  return entry;
}

/** XML has no control characters: what is not allowed there is read back as U+FFFD. */
function inXml(inventory: Inventory): Inventory {
  const replaced = JSON.stringify(inventory, (_name, value: unknown) =>
    typeof value === "string" ? value.replaceAll(/[^\t\n\r\u0020-\u{10FFFF}]/gu, "\uFFFD") : value,
  );
  const inventoryInXml: Inventory = JSON.parse(replaced);
  return inventoryInXml;
}

function inSyftLayer({ path, layerIndex }: PackageLocation, layers: Inventory["layers"]): PackageLocation {
  const layer = layerIndex === undefined ? undefined : layers[layerIndex];
  if (layer === undefined || layerIndex === undefined) return { path };
  if (layer.diffId === undefined) return { path, layer: layer.digest, layerIndex };
  return { path, layer: layer.digest, diffId: layer.diffId, layerIndex };
}

/** What syft has a field for; what stands in the purl comes back from there. */
function inSyft(inventory: Inventory): Inventory {
  return { ...inventory, packages: inventory.packages.map((entry) => inSyftPackage(entry, inventory.layers)) };
}

function inSyftPackage(entry: Package, layers: Inventory["layers"]): Package {
  const { kind, id, type, name, version, purl, cataloger, licenses, cpes } = entry;
  const locations = entry.locations.map((location) => inSyftLayer(location, layers));
  const kept: Package = { kind, id, type, name, version, purl, cataloger, licenses, locations, evidence: "installed" };
  return cpes === undefined ? kept : { ...kept, cpes };
}

const carries: Readonly<Record<string, (inventory: Inventory) => Inventory>> = {
  "cyclonedx-xml": inXml,
  "syft-json": inSyft,
};

const nameBasedUuid = /[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;

const inventories = await caseInventories();

describe.each(written)("$name", (format) => {
  test("the same inventory gives the same bytes (SBOM-5)", () => {
    for (const inventory of inventories.values()) {
      const copy: Inventory = JSON.parse(JSON.stringify(inventory));
      expect(bytesOf(format, copy, options).equals(bytesOf(format, inventory, options))).toBe(true);
    }
  });

  test("says its media type and file extension", () => {
    expect(format.mediaType).toMatch(/^[a-z]+\/[a-z.+]+/);
    expect(format.fileExtension).toMatch(/^\.[a-z0-9.]+$/);
  });
});

describe.each(readable)("$name", (format) => {
  test("what is written is read back (SBOM-4)", () => {
    for (const [name, inventory] of inventories) {
      const whole = { ...inventory, packages: inventory.packages.map(withoutFiles) };
      const document = openDocument(bytesOf(format, inventory, options), { where: name });
      expect(document?.format.id).toBe(format.id);
      const carried = carries[format.id] ?? ((all: Inventory): Inventory => all);
      expect(carried(document?.inventory() ?? nothing), name).toEqual(carried(whole));
    }
  });
});

describe.each(readable.filter(({ id }) => id !== "syft-json"))("$name", (format) => {
  test("another configuration or tool gives another identity, the time does not", () => {
    const [own, configured, later, timed] = [
      options,
      { ...options, configuration: "declared" },
      { ...options, tool: { name: "sc", version: "9" } },
      { ...options, timestamp: "2020-01-01T00:00:00Z" },
    ].map((given) => nameBasedUuid.exec(textOf(format, everything, given))?.[0]);
    expect(own).toBeDefined();
    expect(configured).not.toBe(own);
    expect(later).not.toBe(own);
    expect(timed).toBe(own);
  });

  test("the time is the given one, else the image's own, to the second", () => {
    expect(textOf(format, everything, options)).toContain("2026-01-02T03:04:05Z");
    expect(textOf(format, everything, {})).toContain("2025-12-31T23:59:59Z");
  });
});

test("every format in every version gives a document an identity of its own (SBOM-5)", () => {
  const identities = readable
    .filter(({ id, name, versions }) => id !== "syft-json" && (versions === undefined || name.includes("@")))
    .map((format) => nameBasedUuid.exec(textOf(format, everything))?.[0]);
  expect(new Set(identities).size).toBe(identities.length);
  expect(identities).not.toContain(undefined);
});

test("a version that is not written is no format, and refused by those that have versions", () => {
  expect(findDocumentFormat("cyclonedx-json@1.4")).toBeUndefined();
  expect(findDocumentFormat("spdx-json@2.3")).toBeUndefined();
  expect(findDocumentFormat("cyclonedx-json@1.6@1.6")).toBeUndefined();
  expect(() => findDocumentFormat("cyclonedx-json")?.write(nothing, { version: "1.4" })).toThrow(
    expect.objectContaining({ code: "DOCUMENT_UNSUPPORTED" }),
  );
});

/** The schemas of each format, the one to check by first. */
const schemaFiles: Readonly<Record<string, readonly [string, readonly [string, ...string[]]]>> = {
  ...Object.fromEntries(
    ["1.5", "1.6", "1.7"].map((version) => [
      `cyclonedx-json@${version}`,
      [
        "cyclonedx",
        [
          `bom-${version}.schema.json`,
          "spdx.schema.json",
          "jsf-0.82.schema.json",
          ...(version === "1.7" ? ["cryptography-defs.schema.json"] : []),
        ],
      ],
    ]),
  ),
  "spdx-json": ["spdx", ["spdx-2.3.schema.json"]],
  "spdx3-json": ["spdx", ["spdx-3.0.1.schema.json"]],
};

const published = written.filter(({ name }) => Object.hasOwn(schemaFiles, name));

test.skipIf(schemas === undefined).each(published)("$name is valid by the published schema (SBOM-5)", (format) => {
  const files = schemaFiles[format.name];
  if (schemas === undefined || files === undefined) throw new Error(`no schema is known for ${format.name}`);
  const check = schemaCheck(join(schemas, files[0]), files[1]);
  for (const [name, inventory] of inventories) {
    const document: unknown = JSON.parse(textOf(format, inventory, options));
    expect(check(document) ? [] : check.errors, name).toEqual([]);
  }
  expect(check({ bomFormat: "CycloneDX", specVersion: "1.6", version: "1", spdxVersion: 1 })).toBe(false);
});

interface Graph {
  readonly metadata: { readonly component: { readonly "bom-ref": string } };
  readonly components: readonly { readonly "bom-ref": string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

test("every CycloneDX component is reachable from the root and named once", () => {
  const format = documentFormats.find(({ id }) => id === "cyclonedx-json");
  for (const [name, inventory] of inventories) {
    const bom: Graph = JSON.parse(format === undefined ? "" : textOf(format, inventory));
    const edges = new Map(bom.dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
    expect(edges.size, name).toBe(bom.dependencies.length);
    const reached = new Set<string>();
    const queue = [bom.metadata.component["bom-ref"]];
    for (let ref = queue.pop(); ref !== undefined; ref = queue.pop()) {
      if (reached.has(ref)) continue;
      reached.add(ref);
      queue.push(...(edges.get(ref) ?? []));
    }
    const references = bom.components.map((component) => component["bom-ref"]);
    expect(new Set(references).size, name).toBe(references.length);
    for (const reference of references) expect(reached.has(reference), `${name}: ${reference}`).toBe(true);
  }
});

test("the table shows what a terminal would act on escaped", () => {
  const format = documentFormats.find(({ id }) => id === "table");
  const [first] = everything.packages;
  if (first === undefined) throw new Error("no package");
  const evil: Inventory = { ...everything, packages: [{ ...first, name: "a\u001B[2Jb", version: "1\u202E2" }] };
  const text = format === undefined ? "" : textOf(format, evil);
  expect(text).toBe("NAME         VERSION     TYPE\na\\u{1b}[2Jb  1\\u{202e}2  deb\n");
});

test("the table fits 80 columns and cuts no name and no version", () => {
  const format = documentFormats.find(({ id }) => id === "table");
  const [first] = everything.packages;
  if (first === undefined || format === undefined) throw new Error("no package");
  const named = [
    ["short", "1.0.0"],
    ["github.com/an/organization/and/a/module/in/it", "1.2.3"],
    [`github.com/${"long/".repeat(11)}module`, "0.0.0-20240102030405-0123456789ab"],
    ["other", "0.0.0-20240102030405-0123456789ab+incompatible.and.more"],
    ["last", "2"],
  ] as const;
  const packages = named.map(([name, version]) => ({ ...first, name, version, type: "golang" }));
  const text = textOf(format, { ...everything, packages });
  const lines = text.split("\n");
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(text.split(/\s+/).filter((word) => word !== "")).toEqual([
    "NAME",
    "VERSION",
    "TYPE",
    ...named.flatMap(([name, version]) => [name, version, "golang"]),
  ]);
  expect(lines[1]).toMatch(/^short +1\.0\.0 +golang$/);
  expect(lines[0]?.indexOf("VERSION")).toBe(lines[1]?.indexOf("1.0.0"));
});

interface SpdxGraph {
  readonly "@graph": readonly { readonly type: string; readonly spdxId?: string; readonly dataLicense?: string }[];
}

test("an SPDX 3 document has the element of its own licence, as the standard's shapes want it", () => {
  const format = documentFormats.find(({ id }) => id === "spdx3-json");
  const document: SpdxGraph = JSON.parse(format === undefined ? "" : textOf(format, everything));
  const license = document["@graph"].find(({ type }) => type === "SpdxDocument")?.dataLicense;
  expect(license).toBeDefined();
  const element = document["@graph"].find(({ spdxId }) => spdxId === license);
  expect(element).toMatchObject({
    type: "simplelicensing_LicenseExpression",
    simplelicensing_licenseExpression: "CC0-1.0",
  });
});

test.each([
  ["one element", ["SPDXRef-a"], ["b"]],
  ["several elements", ["SPDXRef-a", "SPDXRef-b"], ["a", "b"]],
])("of an SPDX document about %s all else is listed, and of several all (SBOM-4)", (_case, about, listed) => {
  const document = {
    spdxVersion: "SPDX-2.3",
    SPDXID: "SPDXRef-DOCUMENT",
    name: "some",
    packages: ["a", "b"].map((name) => ({ SPDXID: `SPDXRef-${name}`, name, versionInfo: "1.0" })),
    relationships: about.map((id) => ({
      spdxElementId: "SPDXRef-DOCUMENT",
      relationshipType: "DESCRIBES",
      relatedSpdxElement: id,
    })),
  };
  const opened = openDocument(Buffer.from(JSON.stringify(document)), { where: "some.spdx.json" });
  expect(opened?.inventory().packages.map(({ name }) => name)).toEqual(listed);
});
