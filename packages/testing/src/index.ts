export {
  type CertificateAuthority,
  type CertificateRequest,
  createAuthority,
  type TlsIdentity,
} from "./certificate.ts";
export {
  type ArtifactParts,
  buildArtifact,
  buildBlob,
  buildImage,
  buildIndex,
  type BuiltBlob,
  type BuiltManifest,
  type ImageParts,
  type IndexParts,
} from "./image/image.ts";
export {
  buildLayer,
  buildTar,
  type BuiltLayer,
  type LayerEntry,
  type LayerOptions,
  opaqueWhiteout,
  packLayer,
  whiteout,
} from "./image/layer.ts";
export { elfFile } from "./hostile/binaries.ts";
export { hostileInputs } from "./hostile/inputs.ts";
export { type HostileInput } from "./hostile/input.ts";
export { buildDockerArchive, buildOciArchive, pushImage, writeLayout } from "./image/place.ts";
export { paxHeader, paxRecord, tarBody, tarEnd, tarHeader, type TarHeader } from "./image/tar.ts";
export { type AuthSettings, type BasicAuth, type BearerAuth } from "./registry/auth.ts";
export { type Fault, type FaultEffect, type InjectedFault } from "./registry/fault.ts";
export { type RegistryKind, registryKinds } from "./registry/kinds.ts";
export {
  type RawManifest,
  type RegistryOptions,
  type RegistryTls,
  startRegistry,
  type TestRegistry,
} from "./registry/registry.ts";
export { type Repositories, type Repository } from "./registry/repository.ts";
export { type RecordedRequest, type RecordingServer, startServer } from "./registry/server.ts";
export { type ManifestClaims, type RegistrySettings } from "./registry/settings.ts";
export { createTokenIssuer, type TokenIssuer } from "./sigstore/identity-token.ts";
export {
  type CertificateWish,
  type SigstoreOptions,
  type SigstoreRequest,
  type SigstoreSettings,
  startSigstore,
  type TestSigstore,
} from "./sigstore/sigstore.ts";
export { createTransparencyLog, type LoggedEntry, type TransparencyLog } from "./sigstore/transparency-log.ts";
