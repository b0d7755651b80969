import type { RuleKind } from "../rule.ts";
import { endOfLife } from "./end-of-life.ts";
import { severity } from "./severity.ts";

/** Every kind of rule, by id. */
export const ruleKinds: readonly RuleKind<never>[] = [severity, endOfLife];
