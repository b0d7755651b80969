import { objectPredicate, type PredicateType } from "../predicate-type.ts";

/** SLSA provenance of version 0.2, which is what cosign's name without a version means. */
export const slsaprovenancePredicate: PredicateType = objectPredicate({
  id: "slsaprovenance",
  aliases: ["slsaprovenance02"],
  uri: "https://slsa.dev/provenance/v0.2",
  required: ["builder", "buildType"],
});
