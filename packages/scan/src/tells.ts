import type { EcosystemCoverage } from "./coverage.ts";

/** What the advisories that were compared cannot say, in sentences; empty where they tell also of what has no fix. */
export function describeSilence(ecosystems: readonly EcosystemCoverage[]): readonly string[] {
  const silent = ecosystems.filter(({ tells }) => tells === "fixed-only").map(({ ecosystem }) => ecosystem);
  if (silent.length === 0) return [];
  return [`advisories of ${silent.join(", ")} tell only of what an update mends: what has no fix yet is not in them`];
}
