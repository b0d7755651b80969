import { type Finding, formatCount, ScError, type Suppression, type Violation } from "@sc/model";
import { matchesPattern } from "./wildcard.ts";

/** A decision to accept a finding: why, and until when. */
export interface Waiver {
  /** The vulnerability, by any of its ids; `*` in it stands for any run of characters, here and below. */
  readonly id: string;
  /** Only in this package, by its name or its purl; without one in every package. */
  readonly package?: string;
  /** Only where the package was found in this file, without leading slash; without one everywhere. */
  readonly path?: string;
  readonly reason: string;
  /** The last day it holds, `2026-12-31` in UTC, or the moment it ends, RFC 3339. Without one it never ends. */
  readonly expires?: string;
  /** The file it stands in. */
  readonly source?: string;
}

/** Findings with what is accepted marked, and what there is to say about waivers that ended. */
export interface Waived {
  readonly findings: readonly Finding[];
  /** One for each waiver that has ended and would have held for a finding, or holds for one and ends within two weeks. */
  readonly warnings: readonly Violation[];
}

/**
 * Marks the findings that a waiver accepts. Ids, packages and paths are compared exactly, but that `*` stands for
 * any run of characters. A waiver that has ended accepts nothing, and a warning says so; one that ends within two weeks
 * is told of as well, while there is time to decide anew. Throws `WAIVER_INVALID` for one
 * without a reason, with a date that is none, or that would accept everything.
 */
export function applyWaivers(findings: readonly Finding[], waivers: readonly Waiver[], { now }: { now: Date }): Waived {
  const dated = waivers.map((waiver) => ({ waiver, left: endOf(waiver) - now.getTime() }));
  const warnings = dated
    .filter(({ waiver, left }) => left <= warnedMilliseconds && findings.some((finding) => covers(waiver, finding)))
    .map(({ waiver, left }) => describeEnd(waiver, left));
  const active = dated.filter(({ left }) => left > 0).map(({ waiver }) => waiver);
  return { findings: findings.map((finding) => suppress(finding, active)), warnings };
}

function suppress(finding: Finding, waivers: readonly Waiver[]): Finding {
  if (finding.suppressed !== undefined) return finding;
  const waiver = waivers.find((candidate) => covers(candidate, finding));
  if (waiver === undefined) return finding;
  const { reason, source, expires } = waiver;
  const suppressed: Suppression = {
    by: "ignore",
    reason,
    ...(source === undefined ? {} : { source }),
    ...(expires === undefined ? {} : { expires }),
  };
  return { ...finding, suppressed };
}

function covers(waiver: Waiver, finding: Finding): boolean {
  const { name, purl, locations } = finding.package;
  return (
    matchesAny(waiver.id, [finding.id, ...finding.aliases]) &&
    matchesAny(waiver.package, [name, purl]) &&
    matchesAny(
      waiver.path,
      locations.map(({ path }) => path),
    )
  );
}

function matchesAny(pattern: string | undefined, texts: readonly string[]): boolean {
  return pattern === undefined || texts.some((text) => matchesPattern(pattern, text));
}

function isOpen(pattern: string | undefined): boolean {
  return pattern === undefined || /^\**$/.test(pattern);
}

const day = 24 * 60 * 60 * 1000;

/** How long before its end a waiver is told of. */
const warnedMilliseconds = 14 * day;

function endOf(waiver: Waiver): number {
  if (waiver.reason.trim() === "") throw invalid(waiver, "it has no reason", "Say why the finding is accepted.");
  if (isOpen(waiver.id) && isOpen(waiver.package) && isOpen(waiver.path)) {
    throw invalid(waiver, "it would accept every finding", "Name the vulnerability, the package or the path.");
  }
  const { expires } = waiver;
  if (expires === undefined) return Number.POSITIVE_INFINITY;
  const isDay = /^\d{4}-\d\d-\d\d$/.test(expires);
  const isMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(expires);
  const time = isDay || isMoment ? Date.parse(expires) : Number.NaN;
  // Date.parse takes the 31st of a shorter month for a day of the next.
  const isReal = !Number.isNaN(time) && (!isDay || new Date(time).toISOString().startsWith(expires));
  if (!isReal) {
    const hint = "Write the last day it holds as YYYY-MM-DD.";
    throw invalid(waiver, `${JSON.stringify(expires.slice(0, 100))} is no date`, hint);
  }
  return isDay ? time + day : time;
}

function describeEnd({ id, expires, reason }: Waiver, left: number): Violation {
  const ends = left > 0 ? `ends on ${expires}, in ${formatCount(Math.ceil(left / day), "day")}` : `ended on ${expires}`;
  return { rule: "waiver", subject: id, message: `the waiver of ${id} ${ends}: ${JSON.stringify(reason)}` };
}

function invalid(waiver: Waiver, what: string, hint: string): ScError {
  const where = waiver.source === undefined ? "" : `${waiver.source}: `;
  return new ScError("WAIVER_INVALID", `${where}the waiver of ${JSON.stringify(waiver.id.slice(0, 200))}: ${what}`, {
    hint,
  });
}
