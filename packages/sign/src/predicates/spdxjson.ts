import { objectPredicate, type PredicateType } from "../predicate-type.ts";

/** An SPDX document in JSON. */
export const spdxjsonPredicate: PredicateType = objectPredicate({
  id: "spdxjson",
  uri: "https://spdx.dev/Document",
  required: ["spdxVersion"],
});
