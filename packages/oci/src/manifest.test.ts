import { digestOf, type JsonObject } from "@sc/model";
import { describe, expect, it } from "vitest";
import { decodeImageConfig, type ImageConfig, layerHistory } from "./image-config.ts";
import { requireImage } from "./image.ts";
import { decodeManifest, type Manifest } from "./manifest.ts";
import { mediaTypes, parseLayerMediaType } from "./media-type.ts";

const config = { mediaType: mediaTypes.ociConfig, digest: digestOf("config"), size: 6 };
const layer = { mediaType: `${mediaTypes.ociLayer}+gzip`, digest: digestOf("layer"), size: 5 };
const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [layer] };
const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };

function decode(document: unknown, mediaType?: string): Manifest {
  return decodeManifest(Buffer.from(JSON.stringify(document)), { where: "test", mediaType });
}

function read(document: unknown): ImageConfig {
  return decodeImageConfig(Buffer.from(JSON.stringify(document)), "test");
}

const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

describe("a manifest (OCI-2)", () => {
  it("is read with its subject, artifact type and annotations", () => {
    const annotations = { a: "b" };
    const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf("subject"), size: 7 };
    expect(decode({ ...manifest, artifactType: "a/b", subject, annotations })).toEqual({
      kind: "manifest",
      mediaType: mediaTypes.ociManifest,
      artifactType: "a/b",
      subject,
      annotations,
      config,
      layers: [layer],
    });
  });

  it("takes the type that was announced when it says none, and guesses by its members when nothing does", () => {
    const { mediaType: _, ...silent } = manifest;
    expect(decode(silent, mediaTypes.dockerManifest).mediaType).toBe(mediaTypes.dockerManifest);
    expect(decode(silent, `${mediaTypes.ociManifest}; charset=utf-8`).mediaType).toBe(mediaTypes.ociManifest);
    expect(decode(silent).mediaType).toBe(mediaTypes.ociManifest);
    expect(decode({ schemaVersion: 2, manifests: null })).toEqual({
      kind: "index",
      mediaType: mediaTypes.ociIndex,
      manifests: [],
    });
  });

  it.each<[string, JsonObject, string | undefined, string]>([
    ["an index with layers", { ...index, layers: [] }, undefined, "MANIFEST_AMBIGUOUS"],
    ["an index with a configuration", { ...index, config }, undefined, "MANIFEST_AMBIGUOUS"],
    ["a manifest with manifests", { ...manifest, manifests: [] }, undefined, "MANIFEST_AMBIGUOUS"],
    ["a manifest with manifests that are null", { ...manifest, manifests: null }, undefined, "MANIFEST_AMBIGUOUS"],
    ["a manifest with the layers of schema 1", { ...manifest, fsLayers: [] }, undefined, "MANIFEST_AMBIGUOUS"],
    [
      "a document of both kinds and no type",
      { schemaVersion: 2, config, layers: [], manifests: [] },
      undefined,
      "MANIFEST_AMBIGUOUS",
    ],
    ["members that differ only in case", { ...manifest, Layers: [] }, undefined, "MANIFEST_AMBIGUOUS"],
    ["members that fold to the same in Go", { ...manifest, "\u017fubject": config }, undefined, "MANIFEST_AMBIGUOUS"],
    [
      "such members in a descriptor",
      { ...manifest, config: { ...config, Digest: digestOf("x") } },
      undefined,
      "MANIFEST_AMBIGUOUS",
    ],
    ["a type that is not the announced one", manifest, mediaTypes.ociIndex, "MEDIA_TYPE_MISMATCH"],
    [
      "Docker's type under OCI's Content-Type",
      { ...manifest, mediaType: mediaTypes.dockerManifest },
      mediaTypes.ociManifest,
      "MEDIA_TYPE_MISMATCH",
    ],
    ["schema 1", { schemaVersion: 1, name: "a", fsLayers: [] }, undefined, "SCHEMA1_UNSUPPORTED"],
    ["schema 1 by its Content-Type", { schemaVersion: 2 }, mediaTypes.dockerSchema1Signed, "SCHEMA1_UNSUPPORTED"],
    ["another version", { ...manifest, schemaVersion: 3 }, undefined, "DECODE_FAILED"],
    ["no version", { ...manifest, schemaVersion: undefined }, undefined, "DECODE_FAILED"],
    ["an unknown type", { ...manifest, mediaType: "a/b" }, undefined, "MEDIA_TYPE_UNSUPPORTED"],
    ["a size below zero", { ...manifest, layers: [{ ...layer, size: -1 }] }, undefined, "DECODE_FAILED"],
    ["a size that is no whole number", { ...manifest, layers: [{ ...layer, size: 1.5 }] }, undefined, "DECODE_FAILED"],
    ["a size beyond all bounds", { ...manifest, layers: [{ ...layer, size: 2 ** 60 }] }, undefined, "DECODE_FAILED"],
    ["an unknown digest", { ...manifest, config: { ...config, digest: "md5:00" } }, undefined, "DECODE_FAILED"],
    [
      "a digest that climbs",
      { ...manifest, config: { ...config, digest: "sha256:../../../../etc/passwd" } },
      undefined,
      "DECODE_FAILED",
    ],
    [
      "a media type with a line break",
      { ...manifest, config: { ...config, mediaType: "a/b\r\nx: y" } },
      undefined,
      "DECODE_FAILED",
    ],
    ["annotations that are no strings", { ...manifest, annotations: { a: 1 } }, undefined, "DECODE_FAILED"],
    [
      "too many layers",
      { ...manifest, layers: Array.from({ length: 1001 }, () => layer) },
      undefined,
      "MANIFEST_TOO_LARGE",
    ],
    [
      "too many manifests",
      { ...index, manifests: Array.from({ length: 1001 }, () => config) },
      undefined,
      "MANIFEST_TOO_LARGE",
    ],
    [
      "too many bytes",
      { ...manifest, annotations: { a: "x".repeat(4 * 1024 * 1024) } },
      undefined,
      "MANIFEST_TOO_LARGE",
    ],
  ])("with %s is refused", (_, document, announced, wanted) => {
    expect(() => decode(document, announced)).toThrow(code(wanted));
  });

  it("that is not JSON, or nested without end, is refused", () => {
    expect(() => decodeManifest(Buffer.from("{"), { where: "test" })).toThrow(code("JSON_INVALID"));
    const deep = Buffer.from(`{"schemaVersion":2,"config":${"[".repeat(100_000)}`);
    expect(() => decodeManifest(deep, { where: "test" })).toThrow(code("JSON_INVALID"));
  });

  it("of an artifact is no image", () => {
    const artifact = decode({
      ...manifest,
      artifactType: "a/b",
      config: { ...config, mediaType: mediaTypes.ociEmpty },
    });
    expect(() => requireImage(artifact, "test")).toThrow(code("NOT_AN_IMAGE"));
    const withdrawn = decode({ mediaType: mediaTypes.ociArtifact, artifactType: "a/b", blobs: [layer] });
    expect(withdrawn).toMatchObject({ kind: "artifact", blobs: [layer] });
    expect(() => requireImage(withdrawn, "test")).toThrow(code("NOT_AN_IMAGE"));
  });

  it("with a layer of an unknown type is no image that can be read", () => {
    const unknown = decode({
      ...manifest,
      layers: [{ ...layer, mediaType: "application/vnd.oci.image.layer.v1.tar+lz4" }],
    });
    expect(() => requireImage(unknown, "test")).toThrow(code("MEDIA_TYPE_UNSUPPORTED"));
  });
});

describe("a layer's media type (OCI-2)", () => {
  it.each([
    ["application/vnd.oci.image.layer.v1.tar", { compression: "none", foreign: false, encrypted: false }],
    ["application/vnd.oci.image.layer.v1.tar+zstd", { compression: "zstd", foreign: false, encrypted: false }],
    [
      "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
      { compression: "gzip", foreign: true, encrypted: false },
    ],
    ["application/vnd.docker.image.rootfs.diff.tar.gzip", { compression: "gzip", foreign: false, encrypted: false }],
    [
      "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
      { compression: "gzip", foreign: true, encrypted: false },
    ],
    ["application/vnd.oci.image.layer.v1.tar+gzip+encrypted", { compression: "gzip", foreign: false, encrypted: true }],
    ["application/vnd.oci.image.layer.v1.tar+xz", undefined],
    ["x-application/vnd.oci.image.layer.v1.tar", undefined],
  ])("%s is known for what it is", (mediaType, wanted) => {
    expect(parseLayerMediaType(mediaType)).toEqual(wanted);
  });
});

describe("a configuration (OCI-2)", () => {
  const base = {
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: [digestOf("a"), digestOf("b")] },
  };

  it("tells what made each layer, the steps without one left out", () => {
    const history = [{ created_by: "ADD" }, { created_by: "ENV", empty_layer: true }, { created_by: "RUN" }];
    expect(layerHistory(read({ ...base, history })).map((entry) => entry.createdBy)).toEqual(["ADD", "RUN"]);
  });

  it("tells nothing of what made the layers when its history has another number of them", () => {
    expect(layerHistory(read({ ...base, history: [{ created_by: "ADD" }] }))).toEqual([]);
  });

  it("is read with null where Go leaves things empty", () => {
    expect(read({ ...base, config: null, history: null }).run.env).toEqual([]);
    expect(
      read({ ...base, config: { Env: null, Labels: null, ExposedPorts: { "80/tcp": {} } } }).run.exposedPorts,
    ).toEqual(["80/tcp"]);
  });

  it.each([
    ["no root file system", { os: "linux", architecture: "amd64" }],
    ["an unknown kind of root file system", { ...base, rootfs: { type: "squash", diff_ids: [] } }],
    ["a diff id that is no digest", { ...base, rootfs: { type: "layers", diff_ids: ["x"] } }],
    ["no platform", { rootfs: base.rootfs }],
  ])("with %s is refused", (_, document) => {
    expect(() => read(document)).toThrow(code("DECODE_FAILED"));
  });
});
