export { signErrorCodes } from "./error-codes.ts";
export { AttachmentError, type AttachedRecord, type StorageChoice } from "./attach.ts";
export {
  type Attachment,
  type AttachmentKind,
  type ClaimedLogEntry,
  listAttachments,
  removeAttachments,
} from "./attachments.ts";
export { attestImage, type AttestImageOptions } from "./attest-image.ts";
export {
  attestBlob,
  type AttestBlobOptions,
  blobBundleSuffix,
  signBlob,
  verifyBlob,
  verifyBlobAttestation,
  type VerifyBlobAttestationPolicy,
} from "./blob.ts";
export { type Consumer, listConsumers } from "./consumers.ts";
export { type BuildDependency, type BuildFacts, type BuildSource } from "./build-facts.ts";
export { type CertificateClaim, certificateClaims, type CertificateIdentity } from "./certificate.ts";
export { readCertificateIdentity } from "./certificate-identity.ts";
export { decodeSignatureFile, type DetachedSignature, verifyBlobSignature } from "./detached-signature.ts";
export { findIdentitySource } from "./find-identity.ts";
export { identitySources } from "./identities/index.ts";
export { type Environment, type IdentitySource, type IdentitySourceOptions } from "./identity-source.ts";
export { githubOrganization, type IdentityPolicy } from "./identity.ts";
export {
  listImages,
  signImages,
  type VerifiedImages,
  type VerifiedMember,
  verifyImages,
  type VerifyImagesPolicy,
} from "./index-images.ts";
export { type KeyReferenceOptions, type SignerScheme } from "./key-reference.ts";
export { createKeylessSigner, type KeylessSignerOptions } from "./keyless-signer.ts";
export { openSigner, readPublicKeys } from "./open-signer.ts";
export { type SignerPolicy } from "./policy.ts";
export { type PredicateType } from "./predicate-type.ts";
export { predicateTypes } from "./predicates/index.ts";
export { slsaProvenance02 } from "./predicates/slsaprovenance.ts";
export { slsaProvenance1 } from "./predicates/slsaprovenance1.ts";
export {
  generateKeyPair,
  type GenerateKeyPairOptions,
  importKeyPair,
  type KeyPair,
  type PrivateKeyOptions,
} from "./private-key.ts";
export { type KeyAlgorithm, keyAlgorithms, type KeyValidity, parsePublicKeys, type PublicKey } from "./public-key.ts";
export { provenanceTypes } from "./provenance.ts";
export { createRekorWitness, type RekorOptions } from "./rekor.ts";
export { resolvePredicateType } from "./resolve-predicate-type.ts";
export { createKeySigner, type KeySignerOptions, type Signature, type Signer, type SigningMaterial } from "./signer.ts";
export { signImage, type SignImageOptions } from "./sign-image.ts";
export { signerSchemes } from "./signers/index.ts";
export { type Statement, type StatementSubject } from "./statement.ts";
export {
  type RefreshedTrust,
  refreshTrustRoot,
  type RefreshTrustRootOptions,
  type TrustInstance,
} from "./trust/refresh-trust-root.ts";
export { loadGithubRoot } from "./trust/github.ts";
export { loadPublicGoodRoot } from "./trust/public-good.ts";
export {
  decodeSigningConfig,
  selectServices,
  selectWitnesses,
  type SelectServicesOptions,
  type ServiceSelection,
  type SigningConfig,
  type ConfiguredEndpoint,
  type SigningServices,
} from "./trust/signing-config.ts";
export { decodeTrustRoot, type TrustRoot } from "./trust/trust-root.ts";
export { type StorageForm } from "./storage/candidate.ts";
export { type BuildLevel, builderIdentities, type TrustedBuilder, trustedBuilders } from "./trusted-builders.ts";
export {
  summarizeVerification,
  type VerificationSummary,
  type VerificationSummaryOptions,
} from "./verification-summary.ts";
export {
  type ProvenanceEvidence,
  type ProvenanceExpectation,
  type VerifiedProvenance,
  verifyProvenance,
} from "./verify-provenance.ts";
export { type SummaryExpectation, type VerifiedSummary, verifySummary } from "./verify-summary.ts";
export { type CandidateVerdict, VerificationError } from "./verdict.ts";
export {
  type VerifiedAttestations,
  type VerifiedStatement,
  verifyAttestation,
  type VerifyAttestationPolicy,
} from "./verify-attestation.ts";
export { type VerifiedImage, type VerifiedSignature, verifyImage, type VerifyImagePolicy } from "./verify-image.ts";
export type { VerifiedBundle } from "./verified-bundle.ts";
export { type BundleSubject, verifyBundle } from "./verify-bundle.ts";
export { type Check, type ProvenLogEntry, type SignatureFacts, type VerifiedSigner } from "./signature-facts.ts";
export { createTimestampWitness, type TimestampAuthorityOptions } from "./timestamp-authority.ts";
export { type Testimony, type Witness, type WitnessedSignature } from "./witness.ts";
