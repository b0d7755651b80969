import { ScError } from "@sc/model";
import type { PredicateType } from "../predicate-type.ts";

/** An SPDX document in tag-value form: the predicate is its text. */
export const spdxPredicate: PredicateType = {
  id: "spdx",
  aliases: [],
  uri: "https://spdx.dev/Document",
  encode(bytes: Uint8Array): string {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch (cause) {
      throw new ScError("PREDICATE_INVALID", "predicate of type spdx: not UTF-8", { cause });
    }
  },
};
