import { digestHex, digestAlgorithm, type Digest, type JsonObject } from "@sc/model";
import { vsaPredicate } from "./predicates/vsa.ts";
import type { VerifiedProvenance } from "./verify-provenance.ts";

/** What a verification summary is made with. */
export interface VerificationSummaryOptions {
  /** Who verified: a URI. */
  readonly verifierId: string;
  /** What was verified: a URI of the resource, such as the image's reference. */
  readonly resourceUri: string;
  /** The rules that were asked: a URI, with the digest of what stood there. */
  readonly policy: { readonly uri: string; readonly digest?: Digest };
  /** The attestations that were read. */
  readonly inputs?: readonly Digest[];
  /** The present. */
  readonly now?: Date;
}

/** A predicate with its type, ready to be attested. */
export interface VerificationSummary {
  readonly type: string;
  readonly predicate: JsonObject;
}

/**
 * The summary that says a provenance was verified and to which level: who trusts the verifier needs nothing else. Only
 * what was verified can be summed up; a refusal makes none.
 *
 * @see https://slsa.dev/spec/v1.1/verification_summary
 */
export function summarizeVerification(
  { level }: VerifiedProvenance,
  options: VerificationSummaryOptions,
): VerificationSummary {
  const { verifierId, resourceUri, policy, inputs = [], now = new Date() } = options;
  return {
    type: vsaPredicate.uri,
    predicate: {
      verifier: { id: verifierId },
      timeVerified: now.toISOString().replace(/\.\d+Z$/, "Z"),
      resourceUri,
      policy: { uri: policy.uri, ...(policy.digest === undefined ? {} : { digest: digestJson(policy.digest) }) },
      ...(inputs.length === 0 ? {} : { inputAttestations: inputs.map((digest) => ({ digest: digestJson(digest) })) }),
      verificationResult: "PASSED",
      verifiedLevels: [`SLSA_BUILD_LEVEL_${level}`],
      slsaVersion: "1.1",
    },
  };
}

function digestJson(digest: Digest): JsonObject {
  return { [digestAlgorithm(digest)]: digestHex(digest) };
}
