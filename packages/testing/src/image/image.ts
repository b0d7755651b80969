import { type Descriptor, digestOf, type Platform } from "@sc/model";
import type { BuiltLayer } from "./layer.ts";

/** A blob with its descriptor. */
export interface BuiltBlob {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** An image, an index or an artifact, with everything below it. */
export interface BuiltManifest {
  /** Of the manifest itself; with the platform where it has one. */
  readonly descriptor: Descriptor;
  /** The manifest's bytes. */
  readonly bytes: Uint8Array;
  /** Config and layers. */
  readonly blobs: readonly BuiltBlob[];
  /** What an index holds. */
  readonly children: readonly BuiltManifest[];
}

/** What an image is made of. */
export interface ImageParts {
  /** Oldest first. */
  readonly layers: readonly BuiltLayer[];
  /** Members of the configuration, laid over those that follow from layers and platform. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Default: linux/amd64. */
  readonly platform?: Platform;
  /** Default: oci. */
  readonly mediaTypes?: "oci" | "docker";
  /** Members of the manifest, laid over the others: annotations, subject, or something wrong. */
  readonly manifest?: Readonly<Record<string, unknown>>;
}

const mediaTypesOf = {
  oci: {
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    index: "application/vnd.oci.image.index.v1+json",
  },
  docker: {
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    index: "application/vnd.docker.distribution.manifest.list.v2+json",
  },
} as const;

/** An image of the given layers, created in 1970: the same parts give the same bytes. */
export function buildImage(parts: ImageParts): BuiltManifest {
  const { layers, platform = { os: "linux", architecture: "amd64" }, mediaTypes = "oci" } = parts;
  const types = mediaTypesOf[mediaTypes];
  const config = buildBlob(
    writeJson({
      created: "1970-01-01T00:00:00Z",
      ...platform,
      config: {},
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      history: layers.map((_, index) => ({ created: "1970-01-01T00:00:00Z", created_by: `layer ${index}` })),
      ...parts.config,
    }),
    types.config,
  );
  const document = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
    ...parts.manifest,
  };
  const bytes = writeJson(document);
  const descriptor = { mediaType: document.mediaType, digest: digestOf(bytes), size: bytes.length, platform };
  return { descriptor, bytes, blobs: [config, ...layers], children: [] };
}

/** What an index is made of. */
export interface IndexParts {
  readonly images: readonly BuiltManifest[];
  /** Default: oci. */
  readonly mediaTypes?: "oci" | "docker";
  /** Members of the index, laid over the others. */
  readonly manifest?: Readonly<Record<string, unknown>>;
}

/** An index of the given images (or of other indexes), in their order. */
export function buildIndex({ images, mediaTypes = "oci", manifest }: IndexParts): BuiltManifest {
  const mediaType = mediaTypesOf[mediaTypes].index;
  const manifests = images.map(({ descriptor }) => descriptor);
  const bytes = writeJson({ schemaVersion: 2, mediaType, manifests, ...manifest });
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes, blobs: [], children: images };
}

/** What an artifact is made of. */
export interface ArtifactParts {
  readonly artifactType: string;
  readonly subject?: Descriptor;
  readonly blobs: readonly BuiltBlob[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** Members of the manifest, laid over the others. */
  readonly manifest?: Readonly<Record<string, unknown>>;
}

/** An artifact with the empty configuration, as signatures and SBOMs are attached. */
export function buildArtifact({ artifactType, subject, blobs, annotations, manifest }: ArtifactParts): BuiltManifest {
  const config = buildBlob(Buffer.from("{}"), "application/vnd.oci.empty.v1+json");
  const mediaType = mediaTypesOf.oci.manifest;
  const bytes = writeJson({
    schemaVersion: 2,
    mediaType,
    artifactType,
    config: config.descriptor,
    layers: blobs.map(({ descriptor }) => descriptor),
    ...(subject === undefined ? {} : { subject: withoutPlatform(subject) }),
    ...(annotations === undefined ? {} : { annotations }),
    ...manifest,
  });
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length, artifactType };
  return { descriptor, bytes, blobs: [config, ...blobs], children: [] };
}

/** Bytes as a blob of a media type. */
export function buildBlob(content: Uint8Array | string, mediaType: string): BuiltBlob {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

function withoutPlatform({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

function writeJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
