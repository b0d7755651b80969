import type { PolicyInput, Rule, RuleKind, RuleResult } from "../rule.ts";

const id = "end-of-life";

/** Blocks an image of a distribution's release that is no longer maintained. */
export const endOfLife: RuleKind<Readonly<Record<string, never>>> = {
  id,
  title: "no release of a distribution that is no longer maintained",
  configure: (): Rule => ({
    id,
    evaluate: ({ endOfLife: message }: PolicyInput): RuleResult => ({
      violations: message === undefined ? [] : [{ rule: id, message }],
      warnings: [],
    }),
  }),
};
