export {
  type ArtifactSource,
  type ArtifactStore,
  type FetchBlobOptions,
  type ManifestContent,
  type PushManifestOptions,
  type ReferrersOptions,
} from "./artifact-store.ts";
export { describeSystemCode } from "./system-code.ts";
export { type AttachedSuffix, attachedSuffixes, attachedTag, parseAttachedTag, referrersTag } from "./attached-tag.ts";
export { formatBytes } from "./byte-size.ts";
export { type Call } from "./call.ts";
export { Decoder } from "./decode.ts";
export { type Descriptor, type Platform } from "./descriptor.ts";
export {
  createDigest,
  type Digest,
  type DigestAlgorithm,
  digestAlgorithm,
  digestAlgorithms,
  digestHex,
  digestOf,
  type DigestStream,
  isDigest,
  parseDigest,
  shortDigest,
} from "./digest.ts";
export { modelErrorCodes } from "./error-codes.ts";
export { type ErrorCode, type ErrorCodes, type ErrorDetail, hasCode, isScError, ScError } from "./error.ts";
export {
  type Finding,
  type FindingPackage,
  type FixState,
  isAtLeast,
  type MatchExplanation,
  type Rating,
  severities,
  type Severity,
  type Suppression,
} from "./finding.ts";
export { type Distribution, type Inventory, type InventorySubject, type LayerInfo } from "./inventory.ts";
export { canonicalJson, isJsonArray, isJsonObject, type JsonObject, type JsonValue, parseJson } from "./json.ts";
export { nearest } from "./nearest.ts";
export {
  type License,
  type Package,
  type PackageHash,
  type PackageLocation,
  type Relationship,
  type SourcePackage,
} from "./package.ts";
export { type Problem } from "./problem.ts";
export {
  type BlobProgress,
  type Notice,
  type Progress,
  type ProgressListener,
  type RequestProgress,
  type StageProgress,
} from "./progress.ts";
export { formatPurl, parsePurl, type Purl, type PurlParts } from "./purl.ts";
export { type Verdict, type Violation } from "./verdict.ts";
export { withoutTrailing } from "./trailing.ts";
export { formatCount, formatWhole } from "./whole-number.ts";
