import type { AffectedEvent, AffectedRange } from "./advisory.ts";
import type { VersionScheme } from "./version-scheme.ts";
import { semver } from "./versions/semver.ts";

/** What an advisory says of one version of one package. */
export interface Judgement {
  /** Whether the version is affected; `undecided` when a range cannot be evaluated and nothing else affects it. */
  readonly outcome: "affected" | "unaffected" | "undecided";
  /** The versions that end the spans which hold the version. */
  readonly fixes: readonly string[];
  /** Whether a span that holds the version has no end: there is no fix. */
  readonly open: boolean;
  /** The span or list that holds the version, for people. */
  readonly range: string;
}

/** What is affected: ranges and an enumeration, either of which suffices. */
export interface Affected {
  readonly ranges: readonly AffectedRange[];
  readonly versions: readonly string[];
}

/** A version that is asked about, read once for many advisories. */
export interface InstalledVersion {
  readonly text: string;
  /** Of the ecosystem. */
  readonly scheme: VersionScheme<unknown>;
  /** Absent when the text is no version of the scheme. */
  readonly version: unknown;
  /** For ranges that are ordered by Semantic Versioning whatever the ecosystem. */
  readonly semver: unknown;
}

/** The version that a text is in an ecosystem of this scheme. */
export function readInstalled(text: string, scheme: VersionScheme<unknown>): InstalledVersion {
  const version = scheme.parse(text);
  return { text, scheme, version, semver: scheme.id === semver.id ? version : semver.parse(text) };
}

interface PlacedEvent {
  readonly type: AffectedEvent["type"];
  readonly text: string;
  /** Absent for the beginning of everything, `0`. */
  readonly version: unknown;
  /** Among events at one version, the lower first. */
  readonly rank: number;
}

const unaffected: Judgement = { outcome: "unaffected", fixes: [], open: false, range: "" };

/**
 * What ranges and enumeration say of a version, as OSV defines it: events count in the order of their versions,
 * whatever their order in the record; `introduced` 0 is before everything; a range counts only below some `limit`.
 * Events at one version, whose order it leaves open, count in the record's order; but what is introduced where another span
 * is mended stays affected wherever the record says so, so that nothing is missed. Only a fix that directly follows its
 * own beginning mends it: such a span is empty, as databases write it that mark a branch without affected versions.
 *
 * @see https://ossf.github.io/osv-schema/#evaluation
 */
export function judge(affected: Affected, installed: InstalledVersion): Judgement {
  const held: Span[] = [];
  let undecided = false;
  for (const range of affected.ranges) {
    const placed = placeRange(range, installed.scheme);
    const span = placed === undefined ? undefined : findSpan(placed, orderedBy(installed, placed.scheme));
    if (span === undefined) undecided = true;
    else if (span !== "none") held.push(span);
  }
  if (held.length > 0) return joinSpans(held);
  if (isListed(affected.versions, installed)) {
    return { outcome: "affected", fixes: [], open: false, range: `= ${installed.text}` };
  }
  return undecided ? { ...unaffected, outcome: "undecided" } : unaffected;
}

/** Fixes that are followed from one to the next; records with long chains of adjoining ranges have some ten. */
const maxFixesFollowed = 50;

/**
 * Of the versions that end spans, those which mend: where one is affected itself, by whatever else is said of the
 * package, the versions that mend that one stand for it. Empty where none mends or the way there is too long.
 */
export function followFixes(
  fixes: readonly string[],
  entries: readonly Affected[],
  scheme: VersionScheme<unknown>,
): readonly string[] {
  if (entries.every(isOneSpan)) return fixes;
  const followed = new Set(fixes);
  const mending: string[] = [];
  for (const fix of followed) {
    if (followed.size > maxFixesFollowed) return [];
    const installed = readInstalled(fix, scheme);
    const held = entries.map((entry) => judge(entry, installed)).filter(({ outcome }) => outcome === "affected");
    if (held.length === 0) mending.push(fix);
    for (const next of held.flatMap((judgement) => judgement.fixes)) followed.add(next);
  }
  return mending;
}

// The most frequent form by far, whose fix nothing holds.
function isOneSpan({ ranges, versions }: Affected, _: number, all: readonly Affected[]): boolean {
  return all.length === 1 && ranges.length === 1 && (ranges[0]?.events.length ?? 0) <= 2 && versions.length === 0;
}

/**
 * The enumerated versions that no range holds: the others add nothing, and real records enumerate hundreds.
 */
export function versionsBeyondRanges(affected: Affected, scheme: VersionScheme<unknown>): readonly string[] {
  const ranges = affected.ranges.flatMap((range) => placeRange(range, scheme) ?? []);
  if (ranges.length === 0) return affected.versions;
  return affected.versions.filter((text) =>
    ranges.every((range) => {
      const span = findSpan(range, range.scheme.parse(text));
      return span === undefined || span === "none";
    }),
  );
}

interface PlacedRange {
  readonly scheme: VersionScheme<unknown>;
  /** In the order of their versions. */
  readonly events: readonly PlacedEvent[];
}

interface Span {
  readonly start: string;
  readonly end: PlacedEvent | undefined;
}

// `undefined`: the version has no order, so that the range cannot be evaluated.
function findSpan({ events, scheme }: PlacedRange, version: unknown): Span | "none" | undefined {
  // What was affected from the beginning on and never mended affects also a version that has no order.
  if (version === undefined) {
    return events.length > 0 && events.every(isBeginning) ? { start: "0", end: undefined } : undefined;
  }
  const limits = events.filter(({ type }) => type === "limit");
  const withinLimit = limits.length === 0 || limits.some((limit) => isBelow(version, limit, scheme));
  if (!withinLimit) return "none";
  let start: PlacedEvent | undefined;
  let end: PlacedEvent | undefined;
  for (const event of events) {
    if (event.type === "limit") continue;
    if (!hasReached(version, event, scheme)) {
      end ??= start !== undefined && event.type !== "introduced" ? event : undefined;
    } else if (event.type === "introduced") start ??= event;
    else start = undefined;
  }
  return start === undefined ? "none" : { start: start.text, end };
}

function orderedBy(installed: InstalledVersion, scheme: VersionScheme<unknown>): unknown {
  return scheme.id === semver.id ? installed.semver : installed.version;
}

// `undefined`: an event is at no version that the scheme knows.
function placeRange(range: AffectedRange, ecosystemScheme: VersionScheme<unknown>): PlacedRange | undefined {
  const scheme: VersionScheme<unknown> = range.type === "SEMVER" ? semver : ecosystemScheme;
  const events: PlacedEvent[] = [];
  for (const { type, version: text } of range.events) {
    const isBound = (type === "introduced" && text === "0") || (type === "limit" && text === "*");
    const version = isBound ? undefined : scheme.parse(text);
    if (version === undefined && !isBound) return undefined;
    const previous = events.at(-1);
    // What was never affected: from 0 to 0 there is nothing, not even a pre-release of it.
    if (type === "fixed" && text === "0" && previous !== undefined && isBeginning(previous)) events.pop();
    else events.push({ type, text, version, rank: rankOf({ type, version }, previous, scheme) });
  }
  return { scheme, events: events.toSorted((left, right) => comparePlaced(left, right, scheme)) };
}

function isBeginning({ type, text }: Pick<PlacedEvent, "type" | "text">): boolean {
  return type === "introduced" && text === "0";
}

function comparePlaced(left: PlacedEvent, right: PlacedEvent, scheme: VersionScheme<unknown>): number {
  const bothPlaced = left.version !== undefined && right.version !== undefined;
  const order = bothPlaced
    ? scheme.compare(left.version, right.version)
    : Number(left.version !== undefined) - Number(right.version !== undefined);
  return order || left.rank - right.rank;
}

function rankOf(
  { type, version }: Pick<PlacedEvent, "type" | "version">,
  previous: PlacedEvent | undefined,
  scheme: VersionScheme<unknown>,
): number {
  if (type !== "fixed") return 1;
  const isOwnEnd = previous?.type === "introduced" && previous.version !== undefined;
  return isOwnEnd && scheme.compare(previous.version, version) === 0 ? 2 : 0;
}

function hasReached(version: unknown, event: PlacedEvent, scheme: VersionScheme<unknown>): boolean {
  if (event.version === undefined) return true;
  const order = scheme.compare(version, event.version);
  return event.type === "last_affected" ? order > 0 : order >= 0;
}

function isBelow(version: unknown, limit: PlacedEvent, scheme: VersionScheme<unknown>): boolean {
  return limit.version === undefined || scheme.compare(version, limit.version) < 0;
}

function isListed(versions: readonly string[], { text, version, scheme }: InstalledVersion): boolean {
  if (versions.includes(text)) return true;
  if (version === undefined) return false;
  return versions.some((listed) => {
    const other = scheme.parse(listed);
    return other !== undefined && scheme.compare(version, other) === 0;
  });
}

function joinSpans(spans: readonly Span[]): Judgement {
  const fixes = spans.flatMap(({ end }) => (end?.type === "fixed" ? [end.text] : []));
  const parts = spans.map(({ start, end }) => {
    const from = start === "0" ? [] : [`>= ${start}`];
    const to = end === undefined ? [] : [`${end.type === "fixed" ? "<" : "<="} ${end.text}`];
    return [...from, ...to].join(", ") || "every version";
  });
  return {
    outcome: "affected",
    fixes: [...new Set(fixes)],
    open: spans.some(({ end }) => end === undefined),
    range: [...new Set(parts)].join(" || "),
  };
}
