import type { Severity } from "@sc/model";

/**
 * The severity that a score of CVSS 3 or 4 stands for. Apart from the calculator, which is larger than all that reads
 * what it has calculated.
 *
 * @see https://www.first.org/cvss/v4-0/specification-document, section 6
 */
export function rateScore(score: number): Severity {
  if (score >= 9) return "critical";
  if (score >= 7) return "high";
  if (score >= 4) return "medium";
  return score > 0 ? "low" : "none";
}
