import type { SignatureFacts } from "./signature-facts.ts";
import type { Statement } from "./statement.ts";

const verified: unique symbol = Symbol("verified");

/** A bundle that holds. Only what verifies one makes one. */
export interface VerifiedBundle {
  readonly [verified]: "bundle";
  readonly facts: SignatureFacts;
  /** What the envelope says; absent when the bundle signs the bytes themselves. */
  readonly statement?: Statement;
}

/** What was found out about a bundle, as proof that it was: for those who have just verified it. */
export function createVerifiedBundle(found: Omit<VerifiedBundle, typeof verified>): VerifiedBundle {
  return { [verified]: "bundle", ...found };
}
