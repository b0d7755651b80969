import type { Rating, Severity } from "@sc/model";
import cvss from "ae-cvss-calculator";
import { rateScore } from "./rate-score.ts";

const maxVectorLength = 300;

/**
 * The rating that a CVSS vector stands for, or `undefined` when it is none or misses a base metric: by the base score
 * for version 2 and 3, by the whole vector for version 4, whose score has no other reading.
 *
 * @see https://www.first.org/cvss/v4-0/specification-document
 */
export function rateVector(text: string, source: string): Rating | undefined {
  if (text.length > maxVectorLength || !/^[\w:/.]+$/.test(text)) return undefined;
  // Some end in a slash; readers of reports that know the form by the letter refuse the whole report then.
  const vector = text
    .split("/")
    .filter((part) => part !== "")
    .join("/");
  const rated = rateByVersion(vector);
  if (rated === undefined) return undefined;
  const [method, score] = rated;
  return { method, score, vector, severity: method === "CVSSv2" ? rateSecond(score) : rateScore(score), source };
}

type Rated = readonly [method: Rating["method"], score: number];

function rateByVersion(vector: string): Rated | undefined {
  // The calculator throws on a metric it does not know: such a vector says nothing, as an absent one.
  try {
    if (vector.startsWith("CVSS:4.0/")) return rate("CVSSv4", new cvss.Cvss4P0(vector));
    if (vector.startsWith("CVSS:3.1/")) return rate("CVSSv31", new cvss.Cvss3P1(vector));
    if (vector.startsWith("CVSS:3.0/")) return rate("CVSSv3", new cvss.Cvss3P0(vector));
    if (vector.startsWith("AV:")) return rate("CVSSv2", new cvss.Cvss2(vector));
    return undefined;
  } catch {
    return undefined;
  }
}

interface Calculator {
  isBaseFullyDefined(): boolean;
  calculateScores(): { readonly overall: number; readonly base: number | undefined };
}

function rate(method: Rating["method"], calculator: Calculator): Rated | undefined {
  if (!calculator.isBaseFullyDefined()) return undefined;
  const scores = calculator.calculateScores();
  const score = method === "CVSSv4" ? scores.overall : scores.base;
  return score === undefined || !(score >= 0 && score <= 10) ? undefined : [method, score];
}

// Version 2 has no critical; by NVD's qualitative scale.
function rateSecond(score: number): Severity {
  if (score >= 7) return "high";
  return score >= 4 ? "medium" : "low";
}
