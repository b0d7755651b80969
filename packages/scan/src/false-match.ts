import type { Finding, Package } from "@sc/model";
import type { Ecosystem } from "./ecosystems/ecosystem.ts";
import type { Surroundings } from "./surroundings.ts";

/** A match of an advisory, and the package that it is of. */
export interface Match {
  readonly finding: Finding;
  readonly found: Package;
  readonly ecosystem: Ecosystem;
}

/**
 * A kind of match that says less than it seems to. It is kept, with the reason, and does not count: what is set aside
 * can be looked at, and counted again on request. What was made to do harm is never set aside.
 */
export interface FalseMatch {
  /** Kebab-case, the name of its file; the `source` of what it suppresses. */
  readonly id: string;
  /** What is set aside, in one short line of help. */
  readonly title: string;
  /** Set where the package does not have the vulnerable code at all; else it is only not for this match to say. */
  readonly isUnaffected: boolean;
  /** Why the match does not count, in one sentence; `undefined` where it does. */
  explain(match: Match, surroundings: Surroundings): string | undefined;
}
