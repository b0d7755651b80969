import { severities, type Severity } from "@sc/model";
import type { ReportStyle } from "./report.ts";

/** What a line of the table is laid out by. */
export interface Page {
  /** Columns. */
  readonly width: number;
  readonly signs: Signs;
  readonly style: (style: ReportStyle, text: string) => string;
}

/** Signs that carry meaning beside the colours. */
export interface Signs {
  readonly good: string;
  readonly bad: string;
  readonly warning: string;
  readonly separator: string;
  /** What stands for the middle of a name that was left out. */
  readonly cut: string;
}

/** Signs for a terminal that shows every character. */
export const unicodeSigns: Signs = { good: "✓", bad: "✗", warning: "!", separator: "·", cut: "…" };

/** Signs for one that shows only ASCII. */
export const asciiSigns: Signs = { good: "ok", bad: "x", warning: "!", separator: "-", cut: "~" };

/** The severities, gravest first. */
export const gravestFirst: readonly Severity[] = severities.toReversed();

/** A severity in four letters at most. */
export const severityLabels: Readonly<Record<Severity, string>> = {
  critical: "CRIT",
  high: "HIGH",
  medium: "MED",
  low: "LOW",
  none: "NONE",
  unknown: "UNKN",
};

/** The style that a severity is shown in. */
export function styleOfSeverity(severity: Severity): ReportStyle {
  return severity === "none" ? "dim" : severity;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A time as people read it, in UTC: `20 Nov 2026 04:10 UTC`. */
export function formatTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return "an unknown time";
  const [, clock = ""] = /T(\d\d:\d\d)/.exec(date.toISOString()) ?? [];
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()} ${clock} UTC`;
}
