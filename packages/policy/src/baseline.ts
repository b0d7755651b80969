import type { Finding } from "@sc/model";

/** What a finding is known by from one scan to the next: its ids and its package, whatever the package's version. */
export interface KnownFinding {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly package: { readonly type: string; readonly name: string };
}

/**
 * Marks the findings that were there before: of the same vulnerability, by any of its ids, in a package of the same
 * type and name. `source` names what is compared with.
 */
export function applyBaseline(
  findings: readonly Finding[],
  known: readonly KnownFinding[],
  { source }: { source: string },
): readonly Finding[] {
  const before = new Set(known.flatMap(keysOf));
  const isKnown = (finding: Finding): boolean => keysOf(finding).some((key) => before.has(key));
  return findings.map((finding) =>
    finding.suppressed === undefined && isKnown(finding) ? markKnown(finding, source) : finding,
  );
}

/** What was there before and is in no finding any more, each vulnerability of a package once. */
export function findGone(findings: readonly KnownFinding[], known: readonly KnownFinding[]): readonly KnownFinding[] {
  const now = new Set(findings.flatMap(keysOf));
  const gone = known.filter((finding) => !keysOf(finding).some((key) => now.has(key)));
  return [...new Map(gone.map((finding) => [keysOf(finding)[0], finding])).values()];
}

function markKnown(finding: Finding, source: string): Finding {
  return { ...finding, suppressed: { by: "baseline", reason: "it was there before", source } };
}

function keysOf({ id, aliases, package: { type, name } }: KnownFinding): readonly string[] {
  return [id, ...aliases].map((one) => JSON.stringify([type, name, one]));
}
