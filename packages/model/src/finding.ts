import type { PackageLocation } from "./package.ts";
import type { Purl } from "./purl.ts";

/** How dangerous a finding is held to be, least first: the order is the meaning, so compare by index, not by name. */
export const severities = ["unknown", "none", "low", "medium", "high", "critical"] as const;

/** One of the severities. */
export type Severity = (typeof severities)[number];

/** Whether `severity` is at or above `threshold`. Unknown is never at or above anything but unknown. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(threshold);
}

/** A rating that an advisory carries, with who gave it. */
export interface Rating {
  readonly severity: Severity;
  /** 0 to 10, where the rating has a score. */
  readonly score?: number;
  /** The CVSS vector, whole. */
  readonly vector?: string;
  readonly method: "CVSSv2" | "CVSSv3" | "CVSSv31" | "CVSSv4" | "vendor" | "ssvc" | "other";
  /** The advisory or database that gave it. */
  readonly source: string;
}

/** What can be done: upgrade, nothing yet, nothing ever, or not known. */
export type FixState = "fixed" | "not-fixed" | "wont-fix" | "end-of-life" | "unknown";

/** The package a finding is about, with what a report needs of it. */
export interface FindingPackage {
  /** The package's id in its inventory. */
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: Purl;
  readonly locations: readonly PackageLocation[];
  /** Set when the package is in a layer and not in the image: the index of the layer that hides it. */
  readonly hiddenBy?: number;
}

/** Why a package matched an advisory: the evidence a person needs to agree or not. */
export interface MatchExplanation {
  /** The record that matched. */
  readonly advisory: string;
  readonly ecosystem: string;
  /** The name that was compared; of the source package where the ecosystem goes by those. */
  readonly comparedName: string;
  readonly comparedVersion: string;
  /** The version scheme that decided. */
  readonly scheme: string;
  /** The range or list that holds the version, for people: `>= 1.0, < 1.2.3`. */
  readonly range: string;
}

/** One vulnerability in one package, whatever number of advisories told of it. */
export interface Finding {
  /** The id it goes by: the CVE where there is one, else the advisory's own. */
  readonly id: string;
  /** Every other id of the same vulnerability, sorted. */
  readonly aliases: readonly string[];
  readonly package: FindingPackage;
  /** Set when the package was made to do harm: it has no flaw to mend, it is to be removed. */
  readonly malicious?: true;
  readonly severity: Severity;
  readonly ratings: readonly Rating[];
  readonly fixState: FixState;
  /** The versions that fix it, in the ecosystem's order. */
  readonly fixedIn: readonly string[];
  readonly summary?: string;
  readonly details?: string;
  readonly references: readonly string[];
  /** RFC 3339. */
  readonly published?: string;
  readonly modified?: string;
  /** Probability of exploitation in 30 days, 0 to 1, where an EPSS file was given. */
  readonly epss?: number;
  /** Whether it is in CISA's list of known exploited vulnerabilities, where that list was given. */
  readonly knownExploited?: boolean;
  readonly explanations: readonly MatchExplanation[];
  /** The scanners that found it, where several were asked. */
  readonly foundBy?: readonly string[];
  /** Set when it is kept for the record but does not count: by VEX, by an ignore rule, or as a known false match. */
  readonly suppressed?: Suppression;
}

/** Why a finding does not count. */
export interface Suppression {
  readonly by: "vex" | "ignore" | "matcher" | "baseline";
  readonly reason: string;
  /** The document or rule that says so. */
  readonly source?: string;
  readonly expires?: string;
}
