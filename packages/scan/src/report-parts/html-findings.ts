import { formatCount, type Finding, severities } from "@sc/model";
import { groupByUpgrade } from "../upgrades.ts";
import type { ScanReport } from "../report.ts";
import { escapeHtml } from "./escape.ts";
import {
  advisoryUrl,
  describeFix,
  describeVulnerability,
  referencesOf,
  scoreOf,
  suppressedFindings,
  titleOf,
} from "./facts.ts";

/** How the table of findings is shown. */
export interface FindingRows {
  readonly described: ReadonlySet<string>;
  /** What the rows are filtered by; nothing where it stands elsewhere in the page. */
  readonly filter: string;
}

/** The table of what was found, one row for each finding, with what it is filtered by. */
export function renderFindingRows(findings: readonly Finding[], { described, filter }: FindingRows): string {
  if (findings.length === 0) return "<h2>Findings</h2>\n<p>None.</p>";
  const heads = ["Severity", "Vulnerability", "Package", "Installed", "Fixed in", "Layer"];
  return `<h2>Findings</h2>
${filter}
<table class="findings">
<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead>
<tbody class="rows">
${findings.map((finding) => renderRow(finding, described.has(finding.severity))).join("\n")}
</tbody>
</table>`;
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

/** What the rows of the page are filtered by; shown by the script alone. */
export function renderFilter(findings: readonly Finding[]): string {
  if (findings.length === 0) return "";
  const layers = unique(findings.map(layerOf)).toSorted((left, right) => Number(left) - Number(right));
  const rank = severities.toReversed().filter((severity) => findings.some((finding) => finding.severity === severity));
  const count = String(findings.length);
  return `<form id="filter" hidden aria-label="Filter findings">
<label>Search <input type="search" name="q" autocomplete="off" placeholder="id, package, path, text"></label>
${renderSelect("severity", "Severity", rank)}
${renderSelect("fix", "Fix", ["yes", "no"])}
${renderSelect("type", "Type", unique(findings.map(({ package: { type } }) => type)).toSorted())}
${renderSelect("layer", "Layer", layers)}
<label class="check"><input type="checkbox" name="kev"> known to be exploited</label>
<button type="reset">Reset</button>
<output id="count" aria-live="polite">${count} of ${count}</output>
</form>
<p id="none" hidden>No finding is like that.</p>`;
}

function renderSelect(name: string, label: string, values: readonly string[]): string {
  const options = values.map((value) => `<option value="${escapeHtml(value)}">${escapeHtml(value)}</option>`).join("");
  return `<label>${label} <select name="${name}"><option value="">all</option>${options}</select></label>`;
}

/** The layer a finding's package came with, by its place; `?` where that is not known. */
export function layerOf({ package: { locations } }: Finding): string {
  return String(locations[0]?.layerIndex ?? "?");
}

function renderRow(finding: Finding, isDescribed: boolean): string {
  const { id, severity, package: found, fixedIn, knownExploited } = finding;
  const isExploited = knownExploited === true;
  const attributes = {
    severity,
    fix: fixedIn.length > 0 ? "yes" : "no",
    type: found.type,
    layer: layerOf(finding),
    kev: isExploited ? "yes" : "no",
  };
  const data = Object.entries(attributes).map(([name, value]) => `data-${name}="${escapeHtml(value)}"`);
  const rank = severities.length - severities.indexOf(severity);
  return `<tr ${data.join(" ")}><td class="severity ${severity}" data-key="${rank}">${severity}</td>
<td class="wide">${renderLink(advisoryUrl(id), id)}${isExploited ? ' <span class="kev" title="known to be exploited">KEV</span>' : ""}
<details><summary>${escapeHtml(titleOf(finding))}</summary>${renderDetails(finding, isDescribed)}</details></td>
<td data-label="package"><code>${escapeHtml(found.name)}</code></td><td data-label="installed"><code>${escapeHtml(found.version)}</code></td>
<td data-label="fixed in">${fixedIn.length > 0 ? `<code>${escapeHtml(fixedIn.join(", "))}</code>` : escapeHtml(describeFix(finding))}</td>
<td data-label="layer">${escapeHtml(layerOf(finding))}</td></tr>`;
}

function renderDetails(finding: Finding, isDescribed: boolean): string {
  const { aliases, package: found, epss, explanations, ratings } = finding;
  const score = scoreOf(finding);
  const places = found.locations.slice(0, 5).map(({ path, layer }) => {
    return `<code>/${escapeHtml(path)}</code>${layer === undefined ? "" : ` in <code>${escapeHtml(layer.slice(0, 19))}</code>`}`;
  });
  const whys = explanations.slice(0, 5).map(({ advisory, ecosystem, comparedName, comparedVersion, range }) => {
    return escapeHtml(`${advisory} (${ecosystem}): ${comparedName} ${comparedVersion} is in ${range}`);
  });
  const vectors = ratings.flatMap(({ vector, source }) => (vector === undefined ? [] : [`${vector} (${source})`]));
  const facts: readonly (readonly [string, string])[] = [
    ["also", escapeHtml(aliases.join(", "))],
    ["score", score === undefined ? "" : String(score)],
    ["vectors", escapeHtml([...new Set(vectors)].slice(0, 5).join(" · "))],
    ["EPSS", epss === undefined ? "" : `${(epss * 100).toFixed(1)} %`],
    ["found at", places.join("<br>")],
    ["why", whys.join("<br>")],
    ["found by", escapeHtml((finding.foundBy ?? []).join(", "))],
    ["purl", `<code>${escapeHtml(found.purl)}</code>`],
    [
      "links",
      isDescribed
        ? referencesOf(finding)
            .slice(0, 12)
            .map((url) => renderLink(url, url))
            .join("<br>")
        : "",
    ],
  ];
  const shown = facts.filter(([, text]) => text !== "").map(([name, text]) => `<dt>${name}</dt><dd>${text}</dd>`);
  const text = isDescribed ? `<pre>${escapeHtml(describeVulnerability(finding))}</pre>` : "";
  return `${text}<dl>${shown.join("")}</dl>`;
}

function renderLink(url: string, text: string): string {
  return `<a href="${escapeHtml(url)}" rel="noreferrer noopener">${escapeHtml(text)}</a>`;
}

/** What to upgrade first, and how much that settles. */
export function renderAdvice(counted: readonly Finding[]): string {
  const upgrades = groupByUpgrade(counted).filter(({ fixedIn }) => fixedIn !== undefined);
  if (upgrades.length === 0) return "";
  const lines = upgrades.slice(0, 5).map(({ name, installed, fixedIn = "", findings, severity }) => {
    const what = `upgrade <code>${escapeHtml(name)}</code> ${escapeHtml(installed)} → <code>${escapeHtml(fixedIn)}</code>`;
    return `<li>${what} <span class="dim">settles ${formatCount(findings.length, "finding")}, gravest <span class="${severity}">${severity}</span></span></li>`;
  });
  const more = upgrades.length > 5 ? `<p class="dim">and ${upgrades.length - 5} more below</p>` : "";
  return `<h2>Do this first</h2>\n<ol>\n${lines.join("\n")}\n</ol>${more}`;
}

/** What does not count, with the reason, who says so and until when. */
export function renderSuppressed(report: ScanReport): string {
  const suppressed = suppressedFindings(report);
  if (suppressed.length === 0) return "";
  const rows = suppressed.map(({ id, package: found, severity, suppressed: { by, reason, source, expires } }) => {
    const name = `<code>${escapeHtml(`${found.name} ${found.version}`)}</code>`;
    const from = escapeHtml(source === undefined ? by : `${by}: ${source}`);
    return `<tr><td>${escapeHtml(id)} <span class="${severity}">${severity}</span></td><td>${name}</td><td>${escapeHtml(reason)}</td><td data-label="by">${from}</td><td data-label="until">${escapeHtml(expires ?? "no end")}</td></tr>`;
  });
  const heads = ["Vulnerability", "Package", "Reason", "By", "Until"].map((head) => `<th scope="col">${head}</th>`);
  return `<h2>Accepted, not affected, set aside</h2>
<table class="accepted"><thead><tr>${heads.join("")}</tr></thead><tbody>
${rows.join("\n")}
</tbody></table>`;
}
