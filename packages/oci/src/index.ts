export { type CopyFrom, copyImage, type CopyOptions, type CopyResult, type CopyTo } from "./copy.ts";
export {
  type Credential,
  type CredentialOptions,
  type CredentialTarget,
  type ExplicitCredential,
} from "./credentials/credential.ts";
export { findCredential, type FoundCredential } from "./credentials/find.ts";
export { decodeDescriptor } from "./descriptor.ts";
export { ociErrorCodes } from "./error-codes.ts";
export { decodeImageConfig, type HistoryEntry, type ImageConfig, type RunConfig } from "./image-config.ts";
export { type ImageTree, readImageTree } from "./image-tree.ts";
export { type Image, type ImageLayer, openImage, type OpenImageOptions, openImages, requireImage } from "./image.ts";
export {
  type ArtifactManifest,
  decodeManifest,
  type DecodeManifestOptions,
  type ImageIndex,
  type ImageManifest,
  type Manifest,
} from "./manifest.ts";
export {
  isManifestMediaType,
  type LayerMediaType,
  manifestMediaTypes,
  mediaTypes,
  parseLayerMediaType,
} from "./media-type.ts";
export { openDestination, type OpenOptions, openSource } from "./open.ts";
export { formatPlatform, hostPlatform, matchPlatform, parsePlatform } from "./platform.ts";
export {
  type DaemonReference,
  formatReference,
  isTag,
  type LocalReference,
  parseReference,
  type Reference,
  referenceSchemes,
  type ReferenceScheme,
  type RegistryReference,
  type RootReference,
} from "./reference.ts";
export { openRegistry, type OpenRegistryOptions } from "./registry/repository.ts";
export { type RegistryOptions, RegistrySession } from "./registry/session.ts";
export { type FileRange, type ImageDestination, type ImageSource, type OpenBlobOptions } from "./source.ts";
