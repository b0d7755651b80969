import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isScError } from "@sc/model";
import { decodeImageConfig, decodeManifest, parseLayerMediaType, requireImage } from "@sc/oci";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { compileOciSchemas } from "./oci-schemas.ts";

const images = dataFolder("images");
const rootfs = dataFolder("rootfs");
const schemas = dataFolder("schemas/oci-image");

interface Document {
  readonly name: string;
  readonly bytes: Buffer;
}

function documentsBelow(folder: string | undefined, pattern: RegExp): readonly Document[] {
  if (folder === undefined) return [];
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => pattern.test(name));
  return names.toSorted().map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
}

/** What is found out about a manifest: its kind, and whether it is an image that can be read. */
function verdictOf({ name, bytes }: Document): string {
  try {
    const manifest = decodeManifest(bytes, { where: name });
    if (manifest.kind !== "manifest") return manifest.kind;
    const layers = requireImage(manifest, name).layers.map((layer) => parseLayerMediaType(layer.mediaType));
    if (layers.some((layer) => layer?.encrypted === true)) return "encrypted image";
    if (layers.some((layer) => layer?.foreign === true)) return "image with foreign layers";
    return layers.some((layer) => layer?.compression === "zstd") ? "image with zstd layers" : "image";
  } catch (error) {
    if (isScError(error)) return error.code;
    throw error;
  }
}

/** What a fixture's name says that it is, the most telling part first. */
const meanings: readonly (readonly [part: RegExp, verdicts: RegExp])[] = [
  [/non-json/, /^JSON_INVALID$/],
  [/v2s1|to-schema1|\/schema1[^/]*$/, /^SCHEMA1_UNSUPPORTED$/],
  [/unknown-version/, /^(?:DECODE_FAILED|MEDIA_TYPE_UNSUPPORTED)$/],
  // Docker's zstd layers are invalid only for those who would rewrite them as OCI's; here they are read.
  [/schema2-invalid-media-type/, /^image with zstd layers$/],
  [/invalid.?media.?type/, /^MEDIA_TYPE_UNSUPPORTED$/],
  // Some of these have a digest of "", which is no digest in any specification.
  [/artifact/, /^(?:NOT_AN_IMAGE|DECODE_FAILED)$/],
  [/index|list/, /^index$/],
  [/encrypted/, /^encrypted image$/],
  [/nondistributable/, /^image with foreign layers$/],
  [/zstd/, /^image with zstd layers$/],
  [/all-media-types/, /^image/],
  [/^/, /^image$/],
];

/** What a manifest must be taken for: by what it plainly holds, where that decides, and else by its name. */
function wantedVerdict({ name, bytes }: Document): RegExp {
  const [, meant] = meanings.find(([part]) => part.test(name)) ?? [];
  const document = contentOf(bytes);
  if (document === undefined || meant === undefined) return /^JSON_INVALID$/;
  if (document.schemaVersion === 1) return /^SCHEMA1_UNSUPPORTED$/;
  // Templates of conversions have sizes to be filled in.
  const blobs = [document.config, ...(document.layers ?? [])].filter((blob) => blob !== undefined);
  if (blobs.some(({ size }) => size < 0)) return /^DECODE_FAILED$/;
  // An image with an artifact's configuration is the artifact.
  if (document.config !== undefined && document.artifactType !== undefined && !name.includes("artifact"))
    return /^NOT_AN_IMAGE$/;
  return meant;
}

interface Content {
  readonly schemaVersion?: number;
  readonly artifactType?: string;
  readonly rootfs?: object;
  readonly config?: { readonly size: number };
  readonly layers?: readonly { readonly size: number }[];
}

function contentOf(bytes: Buffer): Content | undefined {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

const fixtures = documentsBelow(images, /^ci-(?:manifest2?|convert)\/.*\.json$/);
const configs = fixtures.filter(({ bytes }) => contentOf(bytes)?.rootfs !== undefined);
const manifests = fixtures.filter((document) => !configs.includes(document));

describe.skipIf(fixtures.length === 0)("manifests of every kind (OCI-2)", () => {
  test.each(manifests)("$name is what its name says", (document) => {
    expect(verdictOf(document)).toMatch(wantedVerdict(document));
  });

  test.each(configs)("$name is a configuration", ({ name, bytes }) => {
    const config = decodeImageConfig(bytes, name);
    const { os, architecture, rootfs: layers } = JSON.parse(bytes.toString());
    expect(config.platform).toMatchObject({ os, architecture });
    expect(config.diffIds).toEqual(layers.diff_ids);
  });

  test("every kind of fixture is there to be told apart", () => {
    expect(new Set(manifests.map(verdictOf)).size).toBeGreaterThan(6);
  });
});

describe.skipIf(fixtures.length === 0 || schemas === undefined)("the published schemas (OCI-2)", () => {
  const validate = compileOciSchemas(schemas);

  test.each(manifests.filter((document) => !/^[A-Z]/.test(verdictOf(document))))(
    "$name, which is accepted, is valid by the schema",
    ({ name, bytes }) => {
      const document = JSON.parse(bytes.toString());
      // The schema wants a layer; images of none exist, and are harmless.
      if (document.layers?.length === 0) document.layers = [document.config];
      const schema = decodeManifest(bytes, { where: name }).kind === "index" ? "image-index" : "image-manifest";
      expect(validate(`${schema}-schema.json`, document)).toBeUndefined();
    },
  );

  const decoded = manifests.filter(({ bytes }) => contentOf(bytes) !== undefined);
  test.each(decoded)("$name: each member the schema demands is demanded here too", ({ name, bytes }) => {
    const document = JSON.parse(bytes.toString());
    const accepted = (changed: unknown): boolean =>
      !/^[A-Z]/.test(verdictOf({ name, bytes: Buffer.from(JSON.stringify(changed)) }));
    if (!accepted(document)) return;
    for (const member of document.manifests === undefined
      ? ["config", "layers", "schemaVersion"]
      : ["manifests", "schemaVersion"]) {
      const { [member]: _, ...rest } = document;
      expect(accepted(rest), `without ${member}`).toBe(false);
    }
    const list = document.manifests ?? document.layers;
    for (const member of list.length === 0 ? [] : ["mediaType", "digest", "size"]) {
      const changed = structuredClone(document);
      delete (changed.manifests ?? changed.layers)[0][member];
      expect(accepted(changed), `without ${member} of a descriptor`).toBe(false);
    }
  });
});

describe.skipIf(rootfs === undefined)("documents of official images (OCI-2)", () => {
  test.each(documentsBelow(rootfs, /(?:^|[/.])(?:image-manifest|index)\.json$/))("$name is read", (document) => {
    expect(verdictOf(document)).toMatch(/^(?:index|image)$/);
  });

  test.each(documentsBelow(rootfs, /image-config\.json$/))("$name is read", ({ name, bytes }) => {
    expect(decodeImageConfig(bytes, name).diffIds.length).toBeGreaterThan(0);
  });
});
