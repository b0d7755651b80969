import { objectPredicate, type PredicateType } from "../predicate-type.ts";

/** A CycloneDX document in JSON. */
export const cyclonedxPredicate: PredicateType = objectPredicate({
  id: "cyclonedx",
  uri: "https://cyclonedx.org/bom",
  required: ["bomFormat"],
});
