import type { InstalledVersion } from "../affected.ts";
import type { VersionScheme } from "../version-scheme.ts";
import type { AffectedEntry } from "./layout.ts";

/** The event beyond which an entry affects nothing. */
export interface End {
  readonly type: "fixed" | "last_affected";
  readonly version: string;
}

/**
 * The end of an entry that affects a single span of versions; `undefined` for all others, and where the scheme of its
 * ecosystem does not order it. Most entries have one: put in order, the first that a version is past settles the rest.
 */
export function endOf({ ranges, versions }: AffectedEntry, scheme: VersionScheme<unknown>): End | undefined {
  const [range] = ranges;
  if (range === undefined || ranges.length > 1 || versions.length > 0) return undefined;
  if (range.events.length !== 2 || (range.type === "SEMVER" && scheme.id !== "semver")) return undefined;
  const [start, end] = range.events;
  if (start?.type !== "introduced" || (end?.type !== "fixed" && end?.type !== "last_affected")) return undefined;
  return isBefore(start.version, end.version, scheme) ? { type: end.type, version: end.version } : undefined;
}

function isBefore(start: string, end: string, scheme: VersionScheme<unknown>): boolean {
  const to = scheme.parse(end);
  if (start === "0" || to === undefined) return to !== undefined;
  const from = scheme.parse(start);
  return from !== undefined && scheme.compare(from, to) < 0;
}

/** The order of ends, highest first. */
export function compareEnds(left: End, right: End, scheme: VersionScheme<unknown>): number {
  const order = scheme.compare(scheme.parse(right.version), scheme.parse(left.version));
  return order || Number(right.type === "last_affected") - Number(left.type === "last_affected");
}

/** Whether a version lies beyond an end; one without order lies beyond nothing. */
export function isPast({ type, version: text }: End, { version, scheme }: InstalledVersion): boolean {
  const end = scheme.parse(text);
  if (version === undefined || end === undefined) return false;
  const order = scheme.compare(version, end);
  return type === "fixed" ? order >= 0 : order > 0;
}

/** An end as it is stored: its type's letter, then the version. */
export function encodeEnd({ type, version }: End): string {
  return (type === "fixed" ? "f" : "l") + version;
}

/** The end that is stored so. */
export function decodeEnd(text: string): End {
  return { type: text.startsWith("f") ? "fixed" : "last_affected", version: text.slice(1) };
}
