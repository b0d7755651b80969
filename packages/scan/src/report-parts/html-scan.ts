import { formatCount, type Finding, severities, type Severity, shortDigest } from "@sc/model";
import { describeEndOfLife } from "../end-of-life.ts";
import type { ScanReport } from "../report.ts";
import { describeScanners } from "../scanners.ts";
import { formatTime, gravestFirst } from "../table-page.ts";
import { describeSilence } from "../tells.ts";
import { escapeHtml } from "./escape.ts";
import { countedFindings, platformOf, timeOf } from "./facts.ts";
import { layerOf, renderAdvice, renderFilter, renderFindingRows, renderSuppressed } from "./html-findings.ts";

/** How a scan stands in a page. */
export interface ScanSections {
  /** The severities whose findings are described. */
  readonly described: readonly Severity[];
  /** Set where the page is of several scans: it has one filter for all, and headings one level lower. */
  readonly isPart?: boolean;
}

/** Everything a page tells of one scan below its verdict. */
export function renderScanSections(report: ScanReport, { described, isPart = false }: ScanSections): string {
  const counted = countedFindings(report);
  const sections = [
    renderAdvice(counted),
    renderNumbers(counted),
    renderLayers(counted),
    renderFindingRows(counted, { described: new Set(described), filter: isPart ? "" : renderFilter(counted) }),
    renderSuppressed(report),
    renderMethod(report),
  ].join("\n");
  // Outside texts are escaped: every heading is one of ours.
  return isPart ? sections.replaceAll(/<(\/?)h2\b/g, "<$1h3") : sections;
}

/** The box that a page of one scan begins with. */
export function renderVerdict(report: ScanReport, described: readonly Severity[]): string {
  const { verdict, policy, subject, database, sc, coverage, endOfLife } = report;
  const outcome = verdict?.outcome ?? "unjudged";
  const words = { pass: "✓ Passed", violation: "✗ Failed", unjudged: "No gate set" };
  const why = [...(verdict?.violations ?? []), ...(verdict?.warnings ?? [])].map(({ message }) => escapeHtml(message));
  const scanned = report.scanned === undefined ? [] : [`scanned ${formatTime(timeOf(report))}`];
  if (coverage.compared === 0) why.push("Nothing was compared: the database has no advisories for these packages.");
  if (endOfLife !== undefined) why.push(escapeHtml(describeEndOfLife(endOfLife)));
  const times = [...scanned, `advisories of ${formatTime(database.newest ?? database.built)}`, `sc ${escapeHtml(sc)}`];
  return `<header class="verdict ${outcome}">
<h1>${escapeHtml(subject.name.split("@sha", 1)[0] ?? subject.name)}</h1>
<p class="dim">${renderSubject(report)}</p>
<p><strong>${words[outcome]}</strong>${policy === undefined ? "" : ` <code>${escapeHtml(policy)}</code>`}</p>
${why.map((line) => `<p>${line}</p>`).join("\n")}
<p class="dim">${times.join(" · ")}</p>
${renderCuts(described)}</header>`;
}

function renderSubject(report: ScanReport): string {
  const { subject, distribution } = report;
  const system = distribution === undefined ? "" : (distribution.prettyName ?? distribution.id);
  const facts = [
    subject.digest === undefined ? "" : `<code title="${subject.digest}">${shortDigest(subject.digest)}</code>`,
    escapeHtml(platformOf(report)),
    escapeHtml(system),
    report.layers === 0 ? "" : formatCount(report.layers, "layer"),
  ];
  return facts.filter((fact) => fact !== "").join(" · ");
}

/** That the page was shortened, and what is missing; nothing where it is whole. */
export function renderCuts(described: readonly Severity[]): string {
  if (described.length === severities.length) return "";
  return `<p>Shortened: ${described.length === 0 ? "no finding" : `only ${described.join(", ")}`} is described here, so that the page stays below 5 MB.</p>`;
}

function renderNumbers(counted: readonly Finding[]): string {
  const shown = countSeverities(counted).filter(
    ({ severity, number }) => number > 0 || !["none", "unknown"].includes(severity),
  );
  const chips = shown.map(
    ({ severity, number }) =>
      `<p class="chip" data-pick="severity=${severity}"><b class="${severity}">${number}</b>${severity}</p>`,
  );
  const fixable = counted.filter(({ fixedIn }) => fixedIn.length > 0).length;
  const exploited = counted.filter(({ knownExploited }) => knownExploited === true).length;
  const packages = new Set(counted.map((finding) => finding.package.id)).size;
  return `<h2>Numbers</h2>
<div class="chips">${chips.join("")}</div>
${renderBar(counted, counted.length)}
<p>${formatCount(counted.length, "vulnerability")} in ${formatCount(packages, "package")}: ${fixable} fixable, ${exploited} known to be exploited.</p>`;
}

interface SeverityCount {
  readonly severity: Severity;
  readonly number: number;
}

function countSeverities(findings: readonly Finding[]): readonly SeverityCount[] {
  return gravestFirst.map((severity) => ({
    severity,
    number: findings.filter((finding) => finding.severity === severity).length,
  }));
}

// Drawn by attributes alone: the page allows itself no style but its own sheet.
function renderBar(findings: readonly Finding[], whole: number): string {
  if (whole === 0) return "";
  const counts = countSeverities(findings).filter(({ number }) => number > 0);
  let from = 0;
  const parts = counts.map(({ severity, number }) => {
    const [start, width] = [(from / whole) * 1000, (number / whole) * 1000];
    from += number;
    return `<rect class="${severity}" x="${start.toFixed(1)}" width="${width.toFixed(1)}" height="10"><title>${number} ${severity}</title></rect>`;
  });
  const label = counts.map(({ severity, number }) => `${number} ${severity}`);
  return `<svg role="img" aria-label="${label.join(", ")}" viewBox="0 0 1000 10" preserveAspectRatio="none">${parts.join("")}</svg>`;
}

function renderLayers(counted: readonly Finding[]): string {
  const layers = [...Map.groupBy(counted, layerOf)].toSorted(([left], [right]) => Number(left) - Number(right));
  if (layers.every(([layer]) => layer === "?")) return "";
  const widest = Math.max(...layers.map(([, findings]) => findings.length));
  const rows = layers.map(([layer, findings]) => {
    const digest = findings[0]?.package.locations[0]?.layer;
    const name = digest === undefined ? "" : ` <code class="dim">${shortDigest(digest)}</code>`;
    return `<tr><td>${escapeHtml(layer)}${name}</td><td>${findings.length}</td><td>${renderBar(findings, widest)}</td></tr>`;
  });
  return `<h2>Where it comes from</h2>
<table class="layers"><thead><tr><th scope="col">Layer</th><th scope="col">Findings</th><th scope="col">Severities</th></tr></thead><tbody>
${rows.join("\n")}
</tbody></table>`;
}

function renderMethod(report: ScanReport): string {
  const { packages, coverage, database, incomplete, problems, endOfLife, scanners = [] } = report;
  const served = describeScanners(scanners);
  const types = Object.entries(packages).map(([type, number]) => `${escapeHtml(type)} ${number}`);
  const gaps = coverage.gaps.map(
    ({ type, reason, packages: number }) =>
      `<li>${number} ${escapeHtml(type)} not compared: ${escapeHtml(reason)}</li>`,
  );
  const ecosystems = coverage.ecosystems.map(
    ({ ecosystem, packages: number, standsInFor }) =>
      `${escapeHtml(ecosystem)} ${number}${standsInFor === undefined ? "" : escapeHtml(` (stands in for ${standsInFor})`)}`,
  );
  const limits = [
    ...(endOfLife === undefined ? [] : [`<li>${escapeHtml(describeEndOfLife(endOfLife))}</li>`]),
    ...gaps,
    ...(served === undefined ? [] : [`<li>${escapeHtml(served)}</li>`]),
    ...describeSilence(coverage.ecosystems).map((text) => `<li>${escapeHtml(text)}</li>`),
    ...(coverage.undecided === 0 ? [] : [`<li>${coverage.undecided} ranges of versions could not be evaluated</li>`]),
    ...(incomplete ? ["<li>the inventory is incomplete: something in the image could not be read</li>"] : []),
    ...(problems.length === 0
      ? []
      : [`<li>${formatCount(problems.length, "problem")} met while reading the image</li>`]),
  ];
  return `<h2>Method and limits</h2>
<dl><dt>packages</dt><dd>${types.length === 0 ? "none" : types.join(" · ")}</dd>
<dt>compared</dt><dd>${coverage.compared} of ${coverage.compared + coverage.uncompared}</dd>
<dt>with advisories of</dt><dd>${ecosystems.length === 0 ? "nothing was compared" : ecosystems.join(" · ")}</dd>
<dt>database</dt><dd><code>${escapeHtml(database.digest)}</code>, built ${formatTime(database.built)}</dd></dl>
${limits.length === 0 ? "" : `<ul>${limits.join("")}</ul>`}`;
}
