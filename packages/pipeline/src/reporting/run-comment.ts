import { formatCount, type Finding, isAtLeast, type Severity } from "@sc/model";
import {
  advisoryUrl,
  countedFindings,
  escapeMarkdown,
  formatTime,
  groupByUpgrade,
  layerOf,
  markdownCode,
  severityLabels,
  titleOf,
  type Upgrade,
} from "@sc/scan";
import type { SecuredImage, SecureResult } from "../secure-plan.ts";
import {
  countBefore,
  countSeverities,
  digestOf,
  judgeImage,
  reasonsOf,
  type RunFacts,
  tellUnrated,
  titleImage,
} from "./run-facts.ts";

/** GitHub takes 65,536 characters. */
const defaultLimit = 60_000;

/** What a comment is written by. */
export interface CommentOptions {
  /** The most UTF-16 units of the whole text; 60,000 unless said. */
  readonly maxLength?: number | undefined;
  /** The file that holds everything, for those who look for what was left out. */
  readonly wholeReport?: string | undefined;
}

/**
 * A run as a comment for a pull request or the page of a build step. Never longer than its limit: rows of low severity go
 * first, then of medium, then descriptions, then the counts per layer, then rows until the rest fits, then images; the
 * text says how many. Nothing from an image is mark-up in it.
 */
export function renderRunComment(result: SecureResult, facts: RunFacts, options: CommentOptions = {}): string {
  const { maxLength = defaultLimit } = options;
  const images = result.images.map(partsOf);
  const isCompared = result.images.some((one) => countBefore(one) !== undefined);
  // All that does not change with the detail is written once: the text is made again and again until it fits.
  const frame: Frame = {
    images,
    name: headingName(facts.name),
    verdict: renderVerdict(result),
    table: renderTable(result.images, isCompared),
    advice: renderAdvice(images),
    footer: footer(result.images, facts),
    where: options.wholeReport === undefined ? "the full report" : `the job's ${code(options.wholeReport)}`,
  };
  const write = (detail: Detail): string => renderComment(frame, detail);
  const rows = images.flatMap(({ rows: own }) => own).length;
  const most = { rows, images: images.length };
  const ladder: readonly Detail[] = [
    { ...most, least: "none", descriptions: true, layers: true },
    { ...most, least: "medium", descriptions: true, layers: true },
    { ...most, least: "high", descriptions: true, layers: true },
    { ...most, least: "high", descriptions: false, layers: true },
  ];
  for (const detail of ladder) {
    const text = write(detail);
    if (text.length <= maxLength) return text;
  }
  const least: Detail = { ...most, least: "high", descriptions: false, layers: false };
  const shown = mostThat((number) => write({ ...least, rows: number }).length <= maxLength, rows);
  const listed =
    shown > 0
      ? images.length
      : mostThat((number) => write({ ...least, rows: 0, images: number }).length <= maxLength, images.length);
  const text = write({ ...least, rows: shown, images: listed });
  return text.length <= maxLength ? text : wholeLines(text, maxLength);
}

/** How much a comment tells. */
interface Detail {
  /** Rows of lower severities are left out. */
  readonly least: Severity;
  readonly descriptions: boolean;
  readonly layers: boolean;
  /** How many rows there may be, of the gravest. */
  readonly rows: number;
  /** How many images are listed. */
  readonly images: number;
}

/** One image with its rows, written once. */
interface ImageParts {
  readonly secured: SecuredImage;
  readonly rows: readonly { readonly severity: Severity; readonly text: string }[];
  readonly descriptions: readonly string[];
  readonly layers: readonly string[];
  readonly upgrades: readonly Upgrade[];
}

/** What stays the same however much is left out. */
interface Frame {
  readonly images: readonly ImageParts[];
  readonly name: string;
  readonly verdict: string;
  readonly table: { readonly head: readonly string[]; readonly rows: readonly string[] };
  readonly advice: readonly string[];
  readonly footer: string;
  /** Where everything stands, for people. */
  readonly where: string;
}

// The largest number for which it holds, between none and `most`.
function mostThat(holds: (number: number) => boolean, most: number): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

// A limit below what even the frame takes: its first lines, which hold nothing that must be closed.
function wholeLines(text: string, maxLength: number): string {
  const end = text.lastIndexOf("\n", maxLength - 1);
  return text.slice(0, end + 1);
}

function partsOf(secured: SecuredImage): ImageParts {
  const findings = secured.report === undefined ? [] : countedFindings(secured.report);
  const upgrades = groupByUpgrade(findings);
  const grave = findings.filter(({ severity }) => isAtLeast(severity, "high"));
  return {
    secured,
    upgrades,
    rows: upgrades.map((upgrade) => ({ severity: upgrade.severity, text: renderRow(upgrade) })),
    descriptions: grave.map(
      (finding) => `- ${code(finding.id)} in ${code(finding.package.name)}: ${escapeMarkdown(cut(titleOf(finding)))}`,
    ),
    layers: renderLayers(findings),
  };
}

function renderComment({ images, name, verdict, table, advice, footer: last, where }: Frame, detail: Detail): string {
  const shown = images.slice(0, detail.images);
  const rows = chooseRows(images, detail);
  const left = images.flatMap((one) => one.rows).length - [...rows.values()].flat().length;
  const hidden = images.length - shown.length;
  const lines = [
    `## Security Scan Results: ${name}`,
    `<!-- sc:comment id=${name} v=1 -->`,
    verdict,
    "",
    ...table.head,
    ...table.rows.slice(0, detail.images),
    ...(hidden === 0 ? [] : ["", `… ${formatCount(hidden, "more image")} in ${where}.`]),
    ...advice,
    ...shown.flatMap((one) => renderImage(one, rows.get(one) ?? [], detail)),
    ...(left === 0 ? [] : ["", `… ${left} more in ${where}.`]),
    "",
    `<sub>${last}</sub>`,
    "",
  ];
  return lines.join("\n");
}

function chooseRows(
  images: readonly ImageParts[],
  { least, rows: most }: Detail,
): ReadonlyMap<ImageParts, readonly string[]> {
  const kept = images.flatMap((one) =>
    one.rows.flatMap(({ severity, text }) => (isAtLeast(severity, least) ? [{ one, severity, text }] : [])),
  );
  const gravest = kept.toSorted(
    (left, right) =>
      Number(isAtLeast(right.severity, left.severity)) - Number(isAtLeast(left.severity, right.severity)),
  );
  const chosen = Map.groupBy(gravest.slice(0, most), ({ one }) => one);
  return new Map([...chosen].map(([one, own]) => [one, own.map(({ text }) => text)]));
}

function renderVerdict({ images, outcome }: SecureResult): string {
  const count = (wanted: SecuredImage["outcome"]): number => images.filter((one) => one.outcome === wanted).length;
  const of = `of ${formatCount(images.length, "image")}`;
  const counts = [
    ...(count("violation") === 0 ? [] : [`${count("violation")} ${of} refused`]),
    ...(count("error") === 0 ? [] : [`${count("error")} ${of} could not be checked`]),
  ];
  const policies = [...new Set(images.flatMap(({ report }) => report?.policy ?? []))];
  const gate = policies.length === 0 ? "no gate set" : `policy ${policies.map(code).join(", ")}`;
  const fails = images.some(({ report }) => report?.verdict?.outcome === "violation");
  const judged = policies.length === 0 ? gate : `${gate} ${fails ? "fails" : "passes"}`;
  const compared = [...new Set(images.flatMap(({ report }) => report?.comparisons?.[0]?.source ?? []))];
  const added = images.reduce((sum, { report }) => sum + (report?.comparisons?.[0]?.added ?? 0), 0);
  const beside =
    compared.length === 0
      ? "no earlier report to compare with, showing all"
      : `${formatCount(added, "new finding")} compared with ${compared.slice(0, 3).map(code).join(", ")}`;
  const head = counts.length === 0 ? `${count("pass")} ${of} passed` : counts.join(", ");
  return `${outcome === "pass" ? "✓" : "✗"} **${head}**; ${beside}; ${judged}.`;
}

function renderTable(images: readonly SecuredImage[], isCompared: boolean): Frame["table"] {
  const numbers = "critical / high / medium / low";
  const heads = ["", "Image", ...(isCompared ? ["before"] : []), numbers, "packages", "signed · SBOM · provenance"];
  return {
    head: [`| ${heads.join(" | ")} |`, `|${"---|".repeat(heads.length)}`],
    rows: images.map((secured) => renderImageRow(secured, isCompared)),
  };
}

function renderImageRow(secured: SecuredImage, isCompared: boolean): string {
  const [before, now] = [countBefore(secured), countSeverities(secured)];
  const marked = now?.map((number, index) => (number > (before?.[index] ?? number) ? `**${number}**` : String(number)));
  const { signatures, sboms, provenances } = secured.attached;
  const digest = digestOf(secured);
  const cells = [
    judgeImage(secured).sign,
    `${code(secured.image)}${digest === "" ? "" : ` ${code(digest)}`}`,
    ...(isCompared ? [before?.join(" / ") ?? "not known"] : []),
    `${marked?.join(" / ") ?? "not scanned"}${tellUnrated(secured)}`,
    secured.packages === undefined ? "–" : String(secured.packages),
    [signatures, sboms, provenances].map((number) => (number > 0 ? "✓" : "–")).join(" "),
  ];
  return `| ${cells.join(" | ")} |`;
}

function renderAdvice(images: readonly ImageParts[]): readonly string[] {
  const upgrades = new Map<string, string>();
  for (const { type, name, fixedIn } of groupByUpgrade(
    images.flatMap(({ upgrades: own }) => own.flatMap(({ findings }) => findings)),
  )) {
    if (fixedIn !== undefined) upgrades.set(`${type} ${name}`, `${code(name)} → ${code(fixedIn)}`);
  }
  const first = [...upgrades.values()].slice(0, 5);
  const more = upgrades.size > first.length ? ` · and ${upgrades.size - first.length} more` : "";
  return first.length === 0 ? [] : ["", `**To do** ${first.join(" · ")}${more}`];
}

function renderImage(one: ImageParts, rows: readonly string[], { descriptions, layers }: Detail): readonly string[] {
  const { secured } = one;
  const told = [
    ...reasonsOf(secured).map((reason) => `- ✗ ${escapeMarkdown(cut(reason))}`),
    ...secured.warnings.map(({ stage, message }) => `- ! ${escapeMarkdown(`${stage}: ${cut(message)}`)}`),
  ].slice(0, 20);
  const table = ["| | Package | Installed | Fixed in | Vulnerabilities |", "|---|---|---|---|---|", ...rows];
  const parts = [
    ...told,
    ...(rows.length === 0 ? [] : ["", ...table]),
    ...(descriptions && one.descriptions.length > 0 ? ["", "What the gravest are:", "", ...one.descriptions] : []),
    ...(layers && one.layers.length > 0
      ? ["", "| Layer | critical / high / medium / low |", "|---|---|", ...one.layers]
      : []),
  ];
  if (parts.length === 0) return [];
  const upgrades = one.upgrades.length === 0 ? "" : `: ${formatCount(one.upgrades.length, "package")} to upgrade`;
  return [
    "",
    `<details><summary>${judgeImage(secured).sign} ${summaryText(titleImage(secured))}${upgrades}</summary>`,
    "",
    ...parts,
    "",
    "</details>",
  ];
}

function renderLayers(findings: readonly Finding[]): readonly string[] {
  const layers = [...Map.groupBy(findings, layerOf)].toSorted(([left], [right]) => Number(left) - Number(right));
  if (layers.every(([layer]) => layer === "?")) return [];
  return layers.map(([layer, own]) => {
    const numbers = (["critical", "high", "medium", "low"] as const).map(
      (severity) => own.filter((finding) => finding.severity === severity).length,
    );
    return `| ${layer} | ${numbers.join(" / ")} |`;
  });
}

function renderRow({ severity, name, installed, fixedIn, fixState, findings }: Upgrade): string {
  const ids = findings.slice(0, 5).map(({ id, knownExploited }) => {
    return `[${escapeMarkdown(id.slice(0, 100))}](${advisoryUrl(id)})${knownExploited === true ? " KEV" : ""}`;
  });
  const more = findings.length > ids.length ? ` +${findings.length - ids.length}` : "";
  const fix = fixedIn === undefined ? fixState : code(fixedIn);
  return `| ${severityLabels[severity]} | ${code(name)} | ${code(installed)} | ${fix} | ${ids.join(", ")}${more} |`;
}

function footer(images: readonly SecuredImage[], { sc }: RunFacts): string {
  const databases = images.flatMap(({ report }) => (report === undefined ? [] : [report.database]));
  const [database] = databases;
  const dated =
    database === undefined ? "nothing was scanned" : `advisories of ${formatTime(database.newest ?? database.built)}`;
  return `sc ${escapeMarkdown(sc)} · ${dated}`;
}

// The heading is found again by its exact text, so it has no escapes: only letters that need none.
function headingName(name: string): string {
  return name
    .replaceAll(/[^\w./:-]/g, "-")
    .replaceAll(/-{2,}/g, "-")
    .slice(0, 200);
}

// A summary is HTML, where no Markdown holds.
function summaryText(text: string): string {
  return headingName(text);
}

function cut(text: string): string {
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}

function code(text: string): string {
  return markdownCode(text.length > 120 ? `${text.slice(0, 119)}…` : text);
}
