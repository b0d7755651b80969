export { policyErrorCodes } from "./error-codes.ts";
export { evaluate } from "./evaluate.ts";
export { type PolicyInput, type Rule, type RuleKind, type RuleResult } from "./rule.ts";
export { ruleKinds } from "./rules/index.ts";
export { endOfLife } from "./rules/end-of-life.ts";
export { severity, type SeveritySettings } from "./rules/severity.ts";
export { applyBaseline, findGone, type KnownFinding } from "./baseline.ts";
export { applyWaivers, type Waived, type Waiver } from "./waiver.ts";
