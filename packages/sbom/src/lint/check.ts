import type { DocumentFacts } from "../document-facts.ts";

/** How much of what a check asks for is there. */
export interface CheckCount {
  readonly passed: number;
  /** What there is to pass; 1 for what the document as a whole says, 0 where there is nothing to ask of. */
  readonly of: number;
  /** What was found where that says more than the count. */
  readonly found?: string;
}

/** One question asked of a document. */
export interface LintCheck {
  /** Kebab-case. */
  readonly id: string;
  /** What a document that passes has: without full stop, at most 44 characters. */
  readonly title: string;
  /** The share of the score. */
  readonly weight: number;
  count(facts: DocumentFacts): CheckCount;
}
