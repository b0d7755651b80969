export { cleanImage, type CleanOptions, findAttachments, type FoundAttachments } from "./attachments.ts";
export { type AttachedSbom, attachSbom, type AttachSbomOptions, type SbomFile } from "./attach.ts";
export { type ConnectOptions, Connection, type PipelineCall, type Place } from "./connect.ts";
export { copyImage, type CopyImageOptions, readTree } from "./copy.ts";
export { pipelineErrorCodes } from "./error-codes.ts";
export { parseIgnoreFile, waiverOf } from "./ignore-file.ts";
export { countTypes, inventory, type InventoryOptions } from "./inventory.ts";
export { type KeylessOptions, keylessSigner, namedWitnesses, type WitnessOptions } from "./keyless.ts";
export type { ConfiguredImage, LoadedConfig } from "./config/read-config.ts";
export {
  findConfigFile,
  loadConfigSchemas,
  loadConfigText,
  loadStackConfig,
  resolveConfig,
  type StackChoice,
} from "./load-config.ts";
export { type OpenedImage, type OpenedImages, openImage, type OpenImageOptions, openImages } from "./open-image.ts";
export { type BuildEnvironment, type CiPlatform } from "./ci-platform.ts";
export { ciPlatforms } from "./ci/index.ts";
export { detectCi, type DetectedCi } from "./detect-ci.ts";
export { type DockerfileImages, readBaseImages } from "./dockerfile.ts";
export { type GitCheckout, readGitCheckout } from "./git-checkout.ts";
export { pinReference } from "./pin.ts";
export { generateProvenance, type GeneratedProvenance, type GenerateProvenanceOptions } from "./provenance.ts";
export {
  detectFormat,
  findFormat,
  formatSbom,
  type FormatSbomOptions,
  openSbom,
  readPackages,
  type ReadSbom,
  readSbom,
  writeSbom,
} from "./sbom.ts";
export { type EarlierRun, readEarlierRun } from "./run-baseline.ts";
export { type BaselineInput, baselineOf, readBaseline } from "./baseline.ts";
export { type ResultCacheOptions } from "./result-cache.ts";
export { type Baseline, openDatabase, scan, scanImage, type ScanImageOptions, type ScanOptions } from "./scan.ts";
export { createRelease, type Release, releaseName, type ReleasePlan } from "./release.ts";
export { describeSecured, secure } from "./secure.ts";
export type {
  OpenedSigning,
  SecuredImage,
  SecureDocument,
  SecuredRecord,
  SecurePlan,
  SecureResult,
  SecureWarning,
  UnstoredBundle,
} from "./secure-plan.ts";
export { type PlaceholderValues, resolveText } from "./config/placeholders.ts";
export { parseSpan } from "./config/span.ts";
export type { CacheConfig, Gate, IgnoreRule, SecurityConfig, SigningConfig } from "./config/security-config.ts";
export {
  type ArtifactPlace,
  attest,
  type AttestOptions,
  type Claim,
  sign,
  type SigningResult,
  type SignOptions,
  verify,
  verifyAttestation,
  type VerifyOptions,
} from "./signing.ts";
export {
  type DatabaseState,
  exportDatabase,
  type FetchDatabaseOptions,
  type FetchedDatabase,
  type GiveDatabaseOptions,
  type GivenDatabase,
  importDatabase,
  inspectDatabase,
  pullDatabase,
  pushDatabase,
  signDatabase,
  updateDatabase,
  type UpdateDatabaseOptions,
} from "./database.ts";
export { type UploadedFindings, type UploadOptions, uploadToDefectDojo } from "./reporting/defectdojo.ts";
export { defectDojoScanTypes, type DefectDojoTarget } from "./reporting/defectdojo-fields.ts";
export { type ImageUpload, uploadedBuild, uploadRun } from "./reporting/upload-run.ts";
export { type CommentOptions, renderRunComment } from "./reporting/run-comment.ts";
export { renderRunPage } from "./reporting/run-page.ts";
export {
  countRun,
  describeError,
  describeRun,
  describeWarning,
  type DescribeRunOptions,
  type ReportedError,
  type ReportedImage,
  type RunReport,
  type RunSummary,
} from "./reporting/run-report.ts";
export { nameRun, type RunFacts } from "./reporting/run-facts.ts";
