/** One thing a rule found against what it was asked about. */
export interface Violation {
  /** The rule's id, kebab-case. */
  readonly rule: string;
  /** One sentence for people. */
  readonly message: string;
  /** What it is about: a finding's id, a package's id, an image. */
  readonly subject?: string;
}

/** What a policy says in the end. `pass` is only said of something that was really compared. */
export interface Verdict {
  readonly outcome: "pass" | "violation";
  /** What blocks. Empty exactly when the outcome is `pass`. */
  readonly violations: readonly Violation[];
  /** What is worth telling but does not block. */
  readonly warnings: readonly Violation[];
}
