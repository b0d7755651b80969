import { objectPredicate, type PredicateType } from "../predicate-type.ts";

/** What an image signature says in a bundle: nothing but that the subject is signed. */
export const signPredicate: PredicateType = objectPredicate({ id: "sign", uri: "https://sigstore.dev/cosign/sign/v1" });
