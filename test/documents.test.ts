import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Inventory, Package } from "@sc/model";
import { type DocumentFormat, documentFormats, takeInventory, type WriteDocumentOptions } from "@sc/sbom";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { caseLayers } from "./folder-layer.ts";
import { schemaCheck } from "./schema.ts";

const vectors = join(import.meta.dirname, "../vectors/catalogers");
const schemas = dataFolder("schemas");
const digest = (letter: string): `sha256:${string}` => `sha256:${letter.repeat(64)}`;
const options = { tool: { name: "sc", version: "0.1.0" }, timestamp: "2026-01-02T03:04:05Z" };

/** An inventory that has something in every field, and what images may put there to do harm. */
const everything: Inventory = {
  subject: {
    type: "image",
    name: "registry.example/team/app:1.0",
    digest: digest("a"),
    indexDigest: digest("b"),
    repository: "registry.example/team/app",
    tag: "1.0",
    platform: { os: "linux", architecture: "arm64", variant: "v8", "os.version": "1" },
    created: "2025-12-31T23:59:59.123456789Z",
    labels: { "org.opencontainers.image.source": "https://git.example/app", "": "empty name" },
  },
  distribution: {
    kind: "distribution",
    id: "debian",
    idLike: ["some", "other"],
    versionId: "12",
    versionCodename: "bookworm",
    prettyName: "Debian GNU/Linux 12",
    fields: { CPE_NAME: "cpe:/o:debian:debian_linux:12", HOME_URL: "https://www.debian.org/" },
    path: "usr/lib/os-release",
  },
  layers: [
    { digest: digest("c"), diffId: digest("d"), mediaType: "application/x", size: 10, createdBy: 'RUN x "y"\n' },
    { digest: digest("e"), mediaType: "application/x", size: 0 },
  ],
  packages: [
    {
      kind: "package",
      id: "pkg:deb/debian/zlib1g@1:1.2.13?arch=amd64&distro=debian-12&upstream=zlib%401%3A1",
      type: "deb",
      name: "zlib1g",
      version: "1:1.2.13",
      purl: "pkg:deb/debian/zlib1g@1:1.2.13?arch=amd64&distro=debian-12&upstream=zlib%401%3A1",
      cataloger: "dpkg",
      evidence: "installed",
      locations: [
        { path: "var/lib/dpkg/status", layer: digest("e"), layerIndex: 1 },
        { path: "usr/share/doc/zlib1g/copyright", layer: digest("c"), diffId: digest("d"), layerIndex: 0 },
        { path: "nowhere" },
      ],
      licenses: [{ declared: "Zlib", expression: "Zlib" }, { declared: "BSD" }],
      source: { name: "zlib", version: "1:1" },
      architecture: "amd64",
      supplier: "Somebody <somebody@example.org>",
      origin: "third-party",
      description: "with\n\u001B[31mcolour\u202E",
      homepage: "not a url at all",
      cpes: ["cpe:2.3:a:zlib:zlib:1.2.13:*:*:*:*:*:*:*", "cpe:2.3:a:gnu:zlib:1.2.13:*:*:*:*:*:*:*"],
      hashes: [
        { algorithm: "md5", value: "0".repeat(32) },
        { algorithm: "sha512", value: "1".repeat(128) },
      ],
      properties: { "dpkg:section": "libs", "__proto__:x": "y" },
    },
    {
      kind: "package",
      id: "pkg:maven/org.example/lib@1.0",
      type: "maven",
      name: "org.example:lib",
      version: "1.0",
      purl: "pkg:maven/org.example/lib@1.0",
      cataloger: "made-up",
      evidence: "declared",
      locations: [{ path: "a.jar", layer: digest("c"), diffId: digest("d"), layerIndex: 0 }],
      licenses: [{ declared: "GPL-2+ or MIT", expression: "GPL-2.0-or-later OR MIT" }],
      supplier: "<not an address>",
      homepage: "https://lib.example/",
      downloadLocation: "https://repo.example/lib.jar",
    },
    {
      kind: "package",
      id: "pkg:npm/%40scope/JSONStream@1.0.0",
      type: "npm",
      name: "@scope/JSONStream",
      version: "1.0.0",
      purl: "pkg:npm/%40scope/JSONStream@1.0.0",
      cataloger: "node-modules",
      evidence: "installed",
      locations: [{ path: "a/package.json", layer: digest("c"), diffId: digest("d"), layerIndex: 0 }],
      licenses: [
        { declared: "MIT", expression: "MIT" },
        { declared: "LicenseRef-own", expression: "LicenseRef-own" },
      ],
      supplier: "odd@example.org",
    },
    {
      kind: "package",
      id: "pkg:npm/%40scope/JSONStream@1.0.0#0123456789abcdef",
      type: "npm",
      name: "@scope/JSONStream",
      version: "1.0.0",
      purl: "pkg:npm/%40scope/JSONStream@1.0.0",
      cataloger: "node-modules",
      evidence: "installed",
      locations: [{ path: "b/package.json", layer: digest("e"), layerIndex: 1 }],
      licenses: [{ declared: "MIT OR ISC", expression: "MIT OR ISC" }],
    },
  ],
  relationships: [
    { from: "pkg:maven/org.example/lib@1.0", to: "pkg:npm/%40scope/JSONStream@1.0.0", type: "depends-on" },
    {
      from: "pkg:npm/%40scope/JSONStream@1.0.0",
      to: "pkg:deb/debian/zlib1g@1:1.2.13?arch=amd64&distro=debian-12&upstream=zlib%401%3A1",
      type: "owned-by",
    },
  ],
  problems: [
    {
      kind: "problem",
      code: "FILE_TOO_LARGE",
      message: "x: too large",
      path: "x",
      layer: digest("c"),
      incomplete: true,
    },
    { kind: "problem", code: "RECORD_MALFORMED", message: "y", cataloger: "dpkg" },
  ],
  incomplete: true,
  catalogers: ["os-release", "dpkg", "made-up"],
};

const nothing: Inventory = {
  subject: { type: "directory", name: "." },
  layers: [],
  packages: [],
  relationships: [],
  problems: [],
  incomplete: false,
  catalogers: [],
};

/** The inventories of every case that catalogers are held to. */
async function caseInventories(): Promise<Map<string, Inventory>> {
  const inventories = new Map<string, Inventory>([
    ["everything", everything],
    ["nothing", nothing],
  ]);
  for (const id of readdirSync(vectors)) {
    for (const name of readdirSync(join(vectors, id))) {
      const layers = caseLayers(join(vectors, id, name));
      const subject = { type: "image", name: `${id}/${name}`, digest: digest("f") } as const;
      inventories.set(`${id}/${name}`, await takeInventory({ subject, layers }));
    }
  }
  return inventories;
}

/** Documents do not list the files of packages. */
function withoutFiles({ files: _files, ...entry }: Package): Package {
  return entry;
}

function readable(): (DocumentFormat & Required<Pick<DocumentFormat, "read">>)[] {
  return documentFormats.flatMap((format) => (format.read === undefined ? [] : [{ ...format, read: format.read }]));
}

function textOf(format: DocumentFormat, inventory: Inventory, given: WriteDocumentOptions): string {
  return Buffer.from(format.write(inventory, given)).toString();
}

const nameBasedUuid = /[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;

const inventories = await caseInventories();

describe.each(documentFormats)("$id", (format) => {
  test("the same inventory gives the same bytes (SBOM-5)", () => {
    for (const inventory of inventories.values()) {
      const copy: Inventory = JSON.parse(JSON.stringify(inventory));
      expect(Buffer.from(format.write(copy, options)).equals(format.write(inventory, options))).toBe(true);
    }
  });

  test("says its media type and file extension", () => {
    expect(format.mediaType).toMatch(/^[a-z]+\/[a-z.+]+/);
    expect(format.fileExtension).toMatch(/^\.[a-z.]+$/);
  });
});

describe.each(readable())("$id", (format) => {
  test("what is written is read back (SBOM-4)", () => {
    for (const [name, inventory] of inventories) {
      const expected = { ...inventory, packages: inventory.packages.map(withoutFiles) };
      expect(format.read(format.write(inventory, options)), name).toEqual(expected);
    }
  });

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
    expect(textOf(format, everything, options)).toContain('"2026-01-02T03:04:05Z"');
    expect(textOf(format, everything, {})).toContain('"2025-12-31T23:59:59Z"');
  });

  test.each([
    ["nothing", "", "JSON_INVALID"],
    ["no object", "[]", "DECODE_FAILED"],
    ["another format", "{}", "DOCUMENT_UNSUPPORTED"],
    [
      "a later version",
      '{"bomFormat":"CycloneDX","specVersion":"2.0","spdxVersion":"SPDX-3.0"}',
      "DOCUMENT_UNSUPPORTED",
    ],
    ["deep nesting", "[".repeat(1_000_000), "JSON_INVALID"],
    [
      "a list that is none",
      '{"bomFormat":"CycloneDX","specVersion":"1.6","components":5,"spdxVersion":"SPDX-2.3","packages":5}',
      "DECODE_FAILED",
    ],
  ])("refuses %s", (_what, text, code) => {
    expect(() => format.read(new TextEncoder().encode(text))).toThrow(expect.objectContaining({ code }));
  });
});

/** The schemas of each format, the one to check by first. */
const schemaFiles: Readonly<Record<string, readonly [string, readonly [string, ...string[]]]>> = {
  "cyclonedx-json": ["cyclonedx", ["bom-1.6.schema.json", "spdx.schema.json", "jsf-0.82.schema.json"]],
  "spdx-json": ["spdx", ["spdx-2.3.schema.json"]],
};

test("a document's text that should be a purl and is none costs the purl, not the document", () => {
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    components: [
      { type: "library", name: "odd", version: "1", purl: "pkg:swift/odd@1" },
      { type: "library", name: "even", version: "2", purl: "pkg:npm/even@2" },
    ],
  };
  const format = readable().find(({ id }) => id === "cyclonedx-json");
  const inventory = format?.read(new TextEncoder().encode(JSON.stringify(bom)));
  expect(inventory?.packages.map(({ purl }) => purl)).toEqual(["pkg:generic/odd@1", "pkg:npm/even@2"]);
  expect(inventory?.problems).toMatchObject([{ code: "PURL_INVALID" }]);
});

describe.skipIf(schemas === undefined).each(readable())("$id by the published schema", (format) => {
  const files = schemaFiles[format.id];
  test("every document is valid (SBOM-5)", () => {
    if (schemas === undefined || files === undefined) throw new Error(`no schema is known for ${format.id}`);
    const check = schemaCheck(join(schemas, files[0]), files[1]);
    for (const [name, inventory] of inventories) {
      const document: unknown = JSON.parse(Buffer.from(format.write(inventory, options)).toString());
      expect(check(document) ? [] : check.errors, name).toEqual([]);
    }
    expect(check({ bomFormat: "CycloneDX", specVersion: "1.6", version: "1", spdxVersion: 1 })).toBe(false);
  });
});

interface Graph {
  readonly metadata: { readonly component: { readonly "bom-ref": string } };
  readonly components: readonly { readonly "bom-ref": string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

test("every CycloneDX component is reachable from the root and named once", () => {
  const format = documentFormats.find(({ id }) => id === "cyclonedx-json");
  for (const [name, inventory] of inventories) {
    const bom: Graph = JSON.parse(Buffer.from(format?.write(inventory) ?? []).toString());
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
  const text = Buffer.from(format?.write(evil) ?? []).toString();
  expect(text).toBe("NAME         VERSION     TYPE\na\\u{1b}[2Jb  1\\u{202e}2  deb\n");
});

const documents = dataFolder("sbom");

test.skipIf(documents === undefined)("documents of others are read without complaint or refused by name", () => {
  const files = readdirSync(documents ?? "", { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const tried = { read: 0, refused: 0 };
  for (const entry of files) {
    if (!entry.name.endsWith(".json")) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    for (const format of readable()) {
      try {
        const inventory = format.read(bytes);
        expect(inventory.packages.every(({ purl, id }) => purl.startsWith("pkg:") && id !== "")).toBe(true);
        tried.read += 1;
      } catch (error) {
        expect(error, entry.name).toHaveProperty(
          "code",
          expect.stringMatching(/^(JSON_INVALID|DECODE_FAILED|DOCUMENT_UNSUPPORTED)$/),
        );
        tried.refused += 1;
      }
    }
  }
  expect(tried.read).toBeGreaterThan(0);
});
