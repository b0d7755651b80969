/** The media types of manifests and configurations, by what they are. */
export const mediaTypes = {
  ociIndex: "application/vnd.oci.image.index.v1+json",
  ociManifest: "application/vnd.oci.image.manifest.v1+json",
  ociArtifact: "application/vnd.oci.artifact.manifest.v1+json",
  ociConfig: "application/vnd.oci.image.config.v1+json",
  ociEmpty: "application/vnd.oci.empty.v1+json",
  ociLayer: "application/vnd.oci.image.layer.v1.tar",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerConfig: "application/vnd.docker.container.image.v1+json",
  dockerSchema1: "application/vnd.docker.distribution.manifest.v1+json",
  dockerSchema1Signed: "application/vnd.docker.distribution.manifest.v1+prettyjws",
} as const;

/** The manifests that are read here, in the order a registry is asked for them. */
export const manifestMediaTypes: readonly string[] = [
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerIndex,
  mediaTypes.dockerManifest,
  mediaTypes.ociArtifact,
];

/** Whether content of this type is an index or a manifest list. */
export function isIndexMediaType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerIndex;
}

/** Whether content of this type is a manifest of any kind that is read here, an index included. */
export function isManifestMediaType(mediaType: string): boolean {
  return manifestMediaTypes.includes(mediaType);
}

/** What is known of a layer from its media type. */
export interface LayerMediaType {
  readonly compression: "none" | "gzip" | "zstd";
  /** Not to be distributed: a registry may not hold it, and `urls` say where it might be had. */
  readonly foreign: boolean;
  /** Encrypted as ocicrypt does it. */
  readonly encrypted: boolean;
}

const ociLayerPattern =
  /^application\/vnd\.oci\.image\.layer\.(nondistributable\.)?v1\.tar(?:\+(gzip|zstd))?(\+encrypted)?$/;
const dockerLayerPattern = /^application\/vnd\.docker\.image\.rootfs\.(foreign\.)?diff\.tar(?:\.(gzip|zstd))?$/;

/** What a layer of this media type is, or `undefined` when it is not a layer of a file system. */
export function parseLayerMediaType(mediaType: string): LayerMediaType | undefined {
  const match = ociLayerPattern.exec(mediaType) ?? dockerLayerPattern.exec(mediaType);
  if (match === null) return undefined;
  const compression = match[2] === "gzip" || match[2] === "zstd" ? match[2] : "none";
  return { compression, foreign: match[1] !== undefined, encrypted: match[3] !== undefined };
}
