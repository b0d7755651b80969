import { objectPredicate, type PredicateType } from "../predicate-type.ts";

/** An OpenVEX document. */
export const openvexPredicate: PredicateType = objectPredicate({
  id: "openvex",
  uri: "https://openvex.dev/ns",
  required: ["@context", "statements"],
});
