import type { JsonObject } from "@sc/model";
import { parsePredicateObject, type PredicateType } from "../predicate-type.ts";

/** A JSON object of the user's own, under cosign's type for it. */
export const customPredicate: PredicateType = {
  id: "custom",
  aliases: [],
  uri: "https://cosign.sigstore.dev/attestation/v1",
  encode: (bytes: Uint8Array): JsonObject => parsePredicateObject(bytes),
};
