import type { Verdict } from "@sc/model";
import type { PolicyInput, Rule } from "./rule.ts";

/** What the rules say together: a violation of one is a violation. Depends on nothing but its arguments. */
export function evaluate(input: PolicyInput, rules: readonly Rule[]): Verdict {
  const results = rules.map((rule) => rule.evaluate(input));
  const violations = results.flatMap((result) => result.violations);
  const warnings = results.flatMap((result) => result.warnings);
  return { outcome: violations.length === 0 ? "pass" : "violation", violations, warnings };
}
