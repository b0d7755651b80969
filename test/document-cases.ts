import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Inventory } from "@sc/model";
import {
  type DocumentFormat,
  documentFormatIds,
  findDocumentFormat,
  takeInventory,
  type WriteDocumentOptions,
} from "@sc/sbom";
import { caseLayers } from "./folder-layer.ts";

const vectors = join(import.meta.dirname, "../vectors/catalogers");
const digest = (letter: string): `sha256:${string}` => `sha256:${letter.repeat(64)}`;
/** What tests write documents with. */
export const options = { tool: { name: "sc", version: "0.1.0" }, timestamp: "2026-01-02T03:04:05Z" };

/** An inventory that has something in every field, and what images may put there to do harm. */
export const everything: Inventory = {
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

/** An inventory of an empty folder. */
export const nothing: Inventory = {
  subject: { type: "directory", name: "." },
  layers: [],
  packages: [],
  relationships: [],
  problems: [],
  incomplete: false,
  catalogers: [],
};

/** The inventories of every case that catalogers are held to. */
export async function caseInventories(): Promise<Map<string, Inventory>> {
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

/** A format and the name it is asked for by. */
export interface NamedFormat extends DocumentFormat {
  readonly name: string;
}

/** Every format, in each of its versions. */
export const written: readonly NamedFormat[] = documentFormatIds().map((name) => {
  const format = findDocumentFormat(name);
  if (format === undefined) throw new Error(`${name} is listed and not found`);
  return Object.assign({ name }, format);
});

/** Those of them that are read back. */
export const readable = written.filter(({ reading }) => reading !== undefined);

/** A whole document. */
export function bytesOf(format: DocumentFormat, inventory: Inventory, given: WriteDocumentOptions = {}): Buffer {
  return Buffer.concat([...format.write(inventory, given)]);
}

/** A whole document as text. */
export function textOf(format: DocumentFormat, inventory: Inventory, given: WriteDocumentOptions = {}): string {
  return bytesOf(format, inventory, given).toString();
}
