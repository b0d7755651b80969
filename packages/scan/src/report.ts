import type { Distribution, Finding, InventorySubject, Problem, Severity, Verdict } from "@sc/model";
import type { Coverage } from "./coverage.ts";
import type { DatabaseFacts } from "./database-facts.ts";
import type { ScannerFacts } from "./scanners.ts";
import type { EndOfLife } from "./end-of-life.ts";

/** Everything a report may tell of one scan. Plain data; reports are pure functions of it. */
export interface ScanReport {
  /** The version of the program that made it. */
  readonly sc: string;
  readonly subject: InventorySubject;
  readonly distribution?: Distribution;
  /** How many packages the inventory holds, by purl type. */
  readonly packages: Readonly<Record<string, number>>;
  readonly layers: number;
  /** As `matchInventory` gives them, suppressed ones included. */
  readonly findings: readonly Finding[];
  readonly coverage: Coverage;
  readonly database: DatabaseFacts;
  /** What was wrong inside the image. */
  readonly problems: readonly Problem[];
  readonly incomplete: boolean;
  /** Set when the distribution's release is no longer maintained. */
  readonly endOfLife?: EndOfLife;
  /** When it was made, RFC 3339; reports that must name a time name the database's where it is absent. */
  readonly scanned?: string;
  /** The scanners that were asked for by name, where any is not `osv`, and who serves them. */
  readonly scanners?: readonly ScannerFacts[];
  /** How it stands to what was there before, for each thing that it was compared with. */
  readonly comparisons?: readonly Comparison[];
  /** What the policy says; absent where none was asked. */
  readonly verdict?: Verdict;
  /** The policy that was asked, for people: `--fail-on high`. */
  readonly policy?: string;
}

/** How a scan stands to an earlier one, or to that of something the image is built on. */
export interface Comparison {
  /** The file or image that it is compared with. */
  readonly source: string;
  /** How many findings counted there, by severity. */
  readonly before: Readonly<Partial<Record<Severity, number>>>;
  /** Findings that count and were not there. */
  readonly added: number;
  /** Findings that were there and are no more. */
  readonly gone: number;
}

/** How a part of a report is to be shown on a terminal that has colours. */
export type ReportStyle =
  | "critical"
  | "high"
  | "medium"
  | "low"
  | "unknown"
  | "heading"
  | "good"
  | "bad"
  | "warning"
  | "dim";

/** How a report is rendered. */
export interface ReportOptions {
  /** Columns of the terminal; 80 by default. Ids, fixed versions and digests are never cut, whatever it says. */
  readonly width?: number;
  /** A row for everything: nothing is folded. */
  readonly all?: boolean;
  /** Gives a text its colour. By default texts stay as they are. */
  readonly style?: (style: ReportStyle, text: string) => string;
  /** The most UTF-16 units of a report that has a bound; 60,000 by default. */
  readonly maxLength?: number;
  /** Names what is suppressed, with the reason. */
  readonly suppressed?: boolean;
  /** Signs as ASCII letters, for terminals that cannot show others. */
  readonly ascii?: boolean;
}

/** One form of report. */
export interface ReportFormat {
  /** What the command line calls it; the name of its file. */
  readonly id: string;
  /** What it is, in one short line of help. */
  readonly title: string;
  readonly mediaType: string;
  /** The report, whole, ending in a newline. The same report and options give the same text. */
  render(report: ScanReport, options?: ReportOptions): string;
}
