import { objectPredicate, type PredicateType } from "../predicate-type.ts";

/**
 * The result of a scan in cosign's form.
 *
 * @see https://github.com/sigstore/cosign/blob/main/specs/COSIGN_VULN_ATTESTATION_SPEC.md
 */
export const vulnPredicate: PredicateType = objectPredicate({
  id: "vuln",
  uri: "https://cosign.sigstore.dev/attestation/vuln/v1",
  required: ["scanner", "metadata"],
});
