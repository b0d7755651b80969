export {
  type CertificateAuthority,
  type CertificateRequest,
  createAuthority,
  type TlsIdentity,
} from "./certificate.ts";
export { type AuthSettings, type BasicAuth, type BearerAuth } from "./registry/auth.ts";
export { type Fault, type FaultEffect, type InjectedFault } from "./registry/fault.ts";
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
