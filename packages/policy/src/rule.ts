import type { Finding, Verdict } from "@sc/model";

/** What a policy is asked about. A rule that needs what is not given blocks, and says so: it never passes unasked. */
export interface PolicyInput {
  /** Those with `suppressed` are there for the record and count for nothing. */
  readonly findings?: readonly Finding[];
  /** How many packages were compared with advisories, and how many were not. */
  readonly coverage?: { readonly compared: number; readonly uncompared: number };
  /** Set when the distribution's release is no longer maintained, with a sentence that says so. */
  readonly endOfLife?: string;
}

/** What one rule has to say: what blocks, and what is only worth telling. */
export type RuleResult = Pick<Verdict, "violations" | "warnings">;

/** A rule with its settings, ready to be asked. */
export interface Rule {
  readonly id: string;
  /** Looks at nothing but the input. */
  evaluate(input: PolicyInput): RuleResult;
}

/** A kind of rule, before it has settings. */
export interface RuleKind<Settings> {
  /** Kebab-case, the name of its file. */
  readonly id: string;
  /** What it is for, in one short line of help. */
  readonly title: string;
  /** The rule with these settings. */
  configure(settings: Settings): Rule;
}
