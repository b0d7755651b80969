import type { DocumentFacts } from "../document-facts.ts";
import { type LintProfile, lintProfiles } from "./profiles.ts";

/** What one check came to. */
export interface LintResult {
  readonly id: string;
  readonly title: string;
  readonly passed: number;
  readonly of: number;
  readonly found?: string;
  /** The points it gives, and could give, of the ten there are. */
  readonly points: number;
  readonly maxPoints: number;
}

/** What a document's quality is by a profile. */
export interface LintReport {
  readonly profile: LintProfile["id"];
  readonly title: string;
  readonly format: string;
  readonly components: number;
  /** From 0 to 10, with one decimal, rounded down: the sum of the points. */
  readonly score: number;
  /** Whether nothing is missing. */
  readonly complete: boolean;
  readonly results: readonly LintResult[];
}

/** Judges what a document says by one of `lintProfiles`. What cannot be asked of the document does not count. */
export function lintDocument(facts: DocumentFacts, profile: LintProfile["id"] = "ntia"): LintReport {
  const { title, checks } = lintProfiles.find(({ id }) => id === profile) ?? { title: "", checks: [] };
  const counted = checks.map((check) => ({ check, count: check.count(facts) }));
  const total = counted.reduce((sum, { check, count }) => sum + (count.of === 0 ? 0 : check.weight), 0);
  const results = counted.map(({ check, count }): LintResult => {
    const maxPoints = count.of === 0 ? 0 : (10 * check.weight) / total;
    const points = count.of === 0 ? 0 : (maxPoints * count.passed) / count.of;
    return Object.assign({ id: check.id, title: check.title, points, maxPoints }, count);
  });
  const score = results.reduce((sum, { points }) => sum + points, 0);
  return {
    profile,
    title,
    format: `${facts.format} ${facts.version}`,
    components: facts.components.length,
    score: Math.floor(score * 10 + 1e-9) / 10,
    complete: results.every(({ passed, of }) => passed === of),
    results,
  };
}
