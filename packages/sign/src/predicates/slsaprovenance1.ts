import { objectPredicate, type PredicateType } from "../predicate-type.ts";

/** SLSA provenance of version 1. */
export const slsaprovenance1Predicate: PredicateType = objectPredicate({
  id: "slsaprovenance1",
  uri: "https://slsa.dev/provenance/v1",
  required: ["buildDefinition", "runDetails"],
});
