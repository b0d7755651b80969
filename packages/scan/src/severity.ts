import { type Rating, severities, type Severity, withoutTrailing } from "@sc/model";

const words: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ["critical", "critical"],
  ["high", "high"],
  ["important", "high"],
  ["medium", "medium"],
  ["moderate", "medium"],
  ["low", "low"],
  ["minor", "low"],
  ["negligible", "none"],
  ["unimportant", "none"],
  ["none", "none"],
]);

/** The rating that a vendor's own word stands for, or `undefined` for a word that rates nothing. */
export function rateWord(word: string, source: string): Rating | undefined {
  // Debian marks an urgency that its automatic rules gave with asterisks.
  const severity = words.get(withoutTrailing(word.trim().toLowerCase(), "*"));
  return severity === undefined ? undefined : { severity, method: "vendor", source };
}

const byVendor: readonly Rating["method"][] = ["vendor", "CVSSv4", "CVSSv31", "CVSSv3", "CVSSv2", "ssvc", "other"];
const byScore: readonly Rating["method"][] = ["CVSSv4", "CVSSv31", "CVSSv3", "vendor", "CVSSv2", "ssvc", "other"];

/**
 * The severity that several ratings come to: of the method that counts most here the gravest. A distribution's own
 * word counts before any score, for it knows how it built the package; elsewhere the newest CVSS does. Without ratings
 * it is unknown, and stays so.
 */
export function pickSeverity(ratings: readonly Rating[], isDistribution: boolean): Severity {
  for (const method of isDistribution ? byVendor : byScore) {
    const given = ratings.filter((rating) => rating.method === method);
    const gravest = given.reduce((highest, { severity }) => Math.max(highest, severities.indexOf(severity)), -1);
    if (gravest >= 0) return severities[gravest] ?? "unknown";
  }
  return "unknown";
}
