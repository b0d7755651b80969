import { objectPredicate, type PredicateType } from "../predicate-type.ts";

/**
 * SLSA's verification summary: a verifier says that something passed its policy, and to which levels.
 *
 * @see https://slsa.dev/spec/v1.1/verification_summary
 */
export const vsaPredicate: PredicateType = objectPredicate({
  id: "vsa",
  uri: "https://slsa.dev/verification_summary/v1",
  required: ["verifier", "timeVerified", "resourceUri", "policy", "verificationResult", "verifiedLevels"],
});
