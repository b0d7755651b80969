import { objectPredicate, type PredicateType } from "../predicate-type.ts";

/** An in-toto link. */
export const linkPredicate: PredicateType = objectPredicate({ id: "link", uri: "https://in-toto.io/Link/v1" });
