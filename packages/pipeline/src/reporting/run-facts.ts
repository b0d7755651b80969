import { countedFindings, stableName } from "@sc/scan";
import { formatWhole, shortDigest } from "@sc/model";
import type { SecuredImage } from "../secure-plan.ts";

/** What reports of a run tell besides what came of its images. */
export interface RunFacts {
  /** What the run is about, the same from one run to the next: `shop/production`. */
  readonly name: string;
  /** The version of the program. */
  readonly sc: string;
  /** When it was, RFC 3339. */
  readonly time?: string | undefined;
}

/** The name of a run over these images where nobody gave one: the same for every build of them. */
export function nameRun(images: readonly string[]): string {
  const [first = "no image", ...others] = images.map(nameImage);
  return others.length === 0 ? first : `${first}-and-${others.length}-more`;
}

/** The name of an image without tag and digest: the same for every build of it. */
export function nameImage(image: string): string {
  const [name = image] = image.split("@sha", 1);
  return name.replace(/:[\w.-]{1,128}$/, "");
}

/** An image as people call it: its repository, where a report knows it, or what was asked for. */
export function titleImage({ image, report }: SecuredImage): string {
  return report === undefined ? nameImage(image) : stableName(report);
}

/** How an image came out of a run, in one sign and one word. */
export function judgeImage({ outcome, warnings }: SecuredImage): { readonly sign: string; readonly word: string } {
  if (outcome === "violation") return { sign: "✗", word: "refused" };
  if (outcome === "error") return { sign: "✗", word: "failed" };
  if (outcome === "skipped") return { sign: "–", word: "skipped" };
  return warnings.length > 0 ? { sign: "!", word: "passed with warnings" } : { sign: "✓", word: "passed" };
}

/** Why an image did not pass, as sentences of outside text. */
export function reasonsOf({ report, error, stoppedAt }: SecuredImage): readonly string[] {
  const violations = (report?.verdict?.violations ?? []).map(({ message }) => message);
  const failure = error instanceof Error ? [`${stoppedAt ?? "run"}: ${error.message}`] : [];
  return [...violations, ...failure];
}

/** Which digest it was, shortened; empty where it was never found out. */
export function digestOf({ digest }: SecuredImage): string {
  return digest === undefined ? "" : shortDigest(digest);
}

const counted = ["critical", "high", "medium", "low"] as const;

/** How many findings count, by severity, gravest first. */
export function countSeverities({ report }: SecuredImage): readonly number[] | undefined {
  if (report === undefined) return undefined;
  const findings = countedFindings(report);
  return counted.map((severity) => findings.filter((finding) => finding.severity === severity).length);
}

/** How many counted in what an image is compared with, in the same order. */
export function countBefore({ report }: SecuredImage): readonly number[] | undefined {
  const before = report?.comparisons?.[0]?.before;
  return before === undefined ? undefined : counted.map((severity) => before[severity] ?? 0);
}

/** How many count whose severity nobody says, where there are any: zeros alone would read as if nothing was found. */
export function tellUnrated({ report }: SecuredImage): string {
  const unrated = report === undefined ? [] : countedFindings(report).filter(({ severity }) => severity === "unknown");
  return unrated.length === 0 ? "" : ` · ${formatWhole(unrated.length)} unknown`;
}
