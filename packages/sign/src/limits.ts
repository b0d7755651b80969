/**
 * Every bound of this package, each with its reason. What is read here was written by whoever can push to a registry,
 * so nothing may grow with what they send.
 */
export const signLimits = {
  /** Key files are a few kilobytes; RSA 8192 in an encrypted file stays below 16 KiB. */
  maxKeyFileBytes: 65_536,
  /** A verifier tries every key on every candidate; a rotation needs a handful. */
  maxKeys: 64,
  /** scrypt needs 128·N·r bytes; cosign writes N = 65536, r = 8, which is 64 MiB. */
  maxScryptBytes: 134_217_728,
  /** scrypt's time grows with p; cosign writes 1. */
  maxScryptParallel: 4,
  /** JSON nested deeper than this is no statement, envelope or bundle; recursion over it must not exhaust the stack. */
  maxJsonDepth: 128,
  /** What one bundle or envelope may weigh: an SBOM of a hundred thousand packages in base64 is about 80 MB. */
  maxEnvelopeBytes: 134_217_728,
  /** A simple-signing payload is a few hundred bytes; annotations may add some. */
  maxPayloadBytes: 1_048_576,
  /** What all blobs read for one verification may weigh together. */
  maxTotalBytes: 268_435_456,
  /** A manifest's size as registries bound it. */
  maxManifestBytes: 4_194_304,
  /** Layers of one `.sig` or `.att` manifest, as cosign bounds them (CVE-2024-29903). */
  maxLayers: 1000,
  /** Referrers of one image that are opened; the listing itself is bounded by the store (CVE-2023-46737). */
  maxReferrers: 128,
  /** Entries of a transparency log in one bundle, as sigstore-go bounds them (CVE-2024-45395). */
  maxLogEntries: 32,
  /** Signed timestamps in one bundle, as sigstore-go bounds them. */
  maxTimestamps: 32,
  /** Subjects of one statement, as sigstore-go and actions/attest bound them. */
  maxSubjects: 1024,
  /** Images of one index, with indexes in it: distributions publish for a dozen platforms. */
  maxIndexImages: 256,
  /** What a certificate authority, log or timestamp authority answers is a few kilobytes. */
  maxServiceAnswerBytes: 1_048_576,
  /** Identity tokens are a few kilobytes; headers of that size are the most that servers take. */
  maxTokenBytes: 65_536,
  /** Certificates in the chain of an older bundle. */
  maxChain: 10,
  /**
   * How often a tag that others keep changing is read and merged again before giving up: of several writers one gets
   * through each time, so that this many may write at once.
   */
  maxMergeAttempts: 64,
  /** How often a place may say that a tag changed, which it did not, before it is taken at its real meaning. */
  maxUnchangedConflicts: 3,
} as const;
