import { isScError, type Severity, severities, shortDigest } from "@sc/model";
import { type CandidateVerdict, type SignerPolicy, VerificationError } from "@sc/sign";
import { displayCode } from "./exit-code.ts";
import type { ImageVerification, Presence } from "./image-verification.ts";
import { describeSigner } from "./signer-text.ts";
import { printable, wrap } from "./terminal/printable.ts";
import { formatCount } from "./terminal/quantity.ts";
import type { Style } from "./terminal/style.ts";
import { type Column, formatTable } from "./terminal/table.ts";
import type { Vulnerabilities } from "./vulnerability-check.ts";

/** What came of one image: it was verified, or why not. */
export type Verified =
  | ImageVerification
  | { readonly image: string; readonly error: unknown; readonly exit: 1 | 2 | 3 | 4 };

/** How the results are shown. */
export interface ShownResults {
  readonly policy: SignerPolicy;
  readonly style: Style;
  readonly offline: boolean;
  /** How many images were named; those after a failure may not have been looked at. */
  readonly asked: number;
}

/** The table of all images, then for each that did not pass why, then what was believed. */
export function formatVerification(results: readonly Verified[], shown: ShownResults): string {
  const { policy, style, offline, asked } = shown;
  const blocks = [...formatImages(results, style)];
  for (const result of results) {
    if ("error" in result) blocks.push("", ...refusalLines(result.image, result.error, style));
    else if (result.refusals.length > 0) blocks.push("", ...resultLines(result, style));
  }
  const trust =
    policy.trustRoot === undefined
      ? formatCount(policy.keys?.length ?? 0, "key")
      : `trust root: ${policy.trustRoot.description}`;
  const skipped = asked - results.length;
  const facts = [
    `${results.filter(isPassed).length} of ${asked} verified`,
    ...(skipped === 0 ? [] : [`${skipped} not looked at`]),
    printable(trust),
    offline ? "offline" : "online",
  ];
  return [...blocks, "", ...consumerLines(results, style), facts.join(` ${style.dot} `)].join("\n");
}

/** Whether nothing was found that does not pass. */
export function isPassed(result: Verified): boolean {
  return !("error" in result) && result.refusals.length === 0;
}

function formatImages(results: readonly Verified[], style: Style): readonly string[] {
  const checked = results.some((result) => "vulnerabilities" in result);
  const rows = results.map((result) => {
    const passed = isPassed(result) ? style.good : style.bad;
    const image = printable(result.image);
    if ("error" in result) {
      return [passed, image, "no", style.dash, style.dash, ...(checked ? [style.dash] : []), refusedBy(result.error)];
    }
    const { sbom, provenance } = result.attestations;
    const vulnerabilities = checked ? [formatCounts(result.vulnerabilities, style)] : [];
    return [
      passed,
      image,
      "yes",
      presence(sbom, style),
      presence(provenance, style),
      ...vulnerabilities,
      signedBy(result),
    ];
  });
  const look = (text: string, _row: number, column: number): string =>
    column === 0 ? style.paint(text === style.good ? "good" : "bad", text) : text;
  const columns: readonly Column[] = [
    { title: " " },
    { title: "IMAGE", flexible: true },
    { title: "SIGNED" },
    { title: "SBOM" },
    { title: "PROV" },
    ...(checked ? [{ title: "VULN" }] : []),
    { title: "BY", flexible: true },
  ];
  return formatTable(columns, rows, { style, look });
}

function presence({ state }: Presence, style: Style): string {
  if (state === "verified") return "yes";
  return state === "absent" ? style.dash : "no";
}

/** Counts as `1C 8H 3M`; what could not be compared is no clean bill. */
function formatCounts(found: Vulnerabilities | undefined, style: Style): string {
  if (found === undefined) return style.dash;
  const letters: Partial<Record<Severity, string>> = { critical: "C", high: "H", medium: "M", low: "L", unknown: "?" };
  const parts = severities.toReversed().flatMap((severity) => {
    const count = found.counts[severity] ?? 0;
    return count === 0 || letters[severity] === undefined ? [] : [`${count}${letters[severity]}`];
  });
  return (parts.length === 0 ? "none" : parts.join(" ")) + (found.uncompared > 0 ? "*" : "");
}

function signedBy({ value }: ImageVerification): string {
  const [first, ...others] = value.signatures.map(({ facts }) => describeSigner(facts.signer));
  const more = new Set(others.filter((other) => other !== first)).size;
  return `${first ?? ""}${more === 0 ? "" : ` and ${more} more`}`;
}

function refusedBy(error: unknown): string {
  if (!(error instanceof VerificationError)) return isScError(error) ? displayCode(error.code) : "failed";
  const count = error.verdicts.filter(({ code }) => code !== "PREDICATE_TYPE_MISMATCH").length;
  if (count === 0) return "no signature";
  return count === 1 ? "1 signature, not accepted" : `${count} signatures, none accepted`;
}

function resultLines({ image, refusals, vulnerabilities }: ImageVerification, style: Style): readonly string[] {
  const uncompared = vulnerabilities?.uncompared ?? 0;
  return [
    `${style.paint("bad", style.bad)} ${printable(image)}  signed, and does not pass`,
    ...refusals.map((refusal) => `  ${printable(refusal)}`),
    ...(uncompared === 0 ? [] : [`  * ${formatCount(uncompared, "package")} without any advisories to compare with`]),
  ];
}

/** Which other tools verify these images; only where it is the same for all of them, else the report says it of each. */
function consumerLines(results: readonly Verified[], style: Style): readonly string[] {
  const named = results.flatMap((result) =>
    "error" in result ? [] : [result.consumers.map(({ name, needs }) => name + (needs === undefined ? "" : "*"))],
  );
  const [first, ...others] = named.map((names) => names.join(` ${style.dot} `));
  if (first === undefined || others.some((other) => other !== first)) return [];
  const note = first.includes("*") ? ["  * by a setting of its own, which --json names"] : [];
  return [...wrap(`also verified by ${first}`, style.columns), ...note];
}

function refusalLines(image: string, error: unknown, style: Style): readonly string[] {
  const code = isScError(error) ? `${displayCode(error.code)}  ` : "";
  // The message names the image by its whole digest, which leaves no room for what is wrong with it.
  const said = error instanceof Error ? error.message : String(error);
  const [, digest, what = said] = /^\S+@(sha256:[0-9a-f]{64}): (.*)$/s.exec(said) ?? [];
  const at = digest === undefined ? "" : ` @${digest.slice(0, 19)}`;
  const lines = [`${style.paint("bad", style.bad)} ${code}${printable(image)}${at}`];
  const verdicts = error instanceof VerificationError ? error.verdicts : [];
  const shown = verdicts.filter(({ code: why }) => why !== "PREDICATE_TYPE_MISMATCH");
  if (shown.length === 0) lines.push(...indented(what, style));
  for (const [index, verdict] of shown.slice(0, 10).entries()) {
    lines.push(...candidateLines(verdict, { style, title: `signature ${index + 1} of ${shown.length}` }));
  }
  if (shown.length > 10) lines.push(`  and ${shown.length - 10} more`);
  return lines;
}

function candidateLines(
  verdict: CandidateVerdict,
  { style, title }: { readonly style: Style; readonly title: string },
): readonly string[] {
  const { form, manifest, code, message = "", facts = {}, checks } = verdict;
  const place = manifest === undefined ? "" : `, in ${shortDigest(manifest)}`;
  const lines = [`  ${title}, ${form}${place}`, ...indented(`${displayCode(code ?? "")}: ${message}`, style, 4)];
  for (const [label, text] of Object.entries(facts))
    lines.push(`    ${printable(label).padEnd(16)} ${printable(text)}`);
  if (checks.length > 0)
    lines.push(`    ${"checked".padEnd(16)} ${checks.map((check) => `${check} ok`).join(` ${style.dot} `)}`);
  return lines;
}

function indented(text: string, style: Style, indent = 2): readonly string[] {
  return wrap(printable(text), style.columns - indent).map((line) => " ".repeat(indent) + line);
}
