import type { Finding } from "@sc/model";
import type { ScanReport } from "../report.ts";
import { escapeForTerminal, wrapWords } from "../terminal-text.ts";
import { adviseFix, advisoryUrl, describeVulnerability, referencesOf } from "./facts.ts";

/** Everything that is known of a vulnerability in what was scanned, by any of its ids; empty where there is no such. */
export function findingsById({ findings }: ScanReport, id: string): readonly Finding[] {
  const wanted = id.toLowerCase();
  return findings.filter((finding) => [finding.id, ...finding.aliases].some((one) => one.toLowerCase() === wanted));
}

/** Why a vulnerability is held to be in what was scanned, for people, in lines of at most `width` columns. */
export function explainFindings(findings: readonly Finding[], { width = 80 }: { width?: number } = {}): string {
  const [first] = findings;
  if (first === undefined) return "";
  const names = first.aliases.length === 0 ? "" : ` (${first.aliases.join(", ")})`;
  const lines = [
    `${first.id}${names}`,
    ...describeVulnerability(first).split("\n").slice(0, 12),
    "",
    ...first.ratings.map(({ severity, score, vector, source }) => {
      return `rated     ${severity}${score === undefined ? "" : ` ${score}`}${vector === undefined ? "" : ` ${vector}`} (${source})`;
    }),
    ...findings.flatMap(explain),
    "",
    `read      ${advisoryUrl(first.id)}`,
    ...referencesOf(first)
      .filter((url) => url !== advisoryUrl(first.id))
      .slice(0, 8)
      .map((url) => `          ${url}`),
  ];
  return lines.flatMap((line) => wrapLine(line, width)).join("\n");
}

function explain(finding: Finding): readonly string[] {
  const { package: found, explanations, suppressed, severity } = finding;
  const until = suppressed?.expires === undefined ? "" : ` until ${suppressed.expires}`;
  return [
    "",
    `package   ${found.name} ${found.version} (${found.type}), ${severity}`,
    ...found.locations.slice(0, 5).map(({ path, layer, layerIndex }) => {
      return `found at  /${path}${layer === undefined ? "" : ` in layer ${layerIndex ?? "?"} ${layer.slice(0, 19)}`}`;
    }),
    ...(found.hiddenBy === undefined ? [] : [`hidden    by layer ${found.hiddenBy}: it is not in the image itself`]),
    ...explanations.map(({ advisory, ecosystem, comparedName, comparedVersion, scheme, range }) => {
      return `because   ${advisory} (${ecosystem}): ${comparedName} ${comparedVersion} is in ${range} by ${scheme}`;
    }),
    ...(finding.foundBy === undefined ? [] : [`found by  ${finding.foundBy.join(", ")}`]),
    `do        ${adviseFix(finding)}`,
    ...(suppressed === undefined
      ? []
      : [`does not count, by ${suppressed.by} ${suppressed.source ?? ""}${until}: ${suppressed.reason}`]),
  ];
}

function wrapLine(line: string, width: number): readonly string[] {
  const safe = escapeForTerminal(line);
  const defused = /^(?:::|##\[|##vso)/.test(safe) ? ` ${safe}` : safe;
  const words = /^[a-z]*(?: [a-z]+)?/.exec(defused)?.[0] ?? "";
  const gap = /^ {2,}/.exec(defused.slice(words.length))?.[0] ?? "";
  const label = gap === "" ? "" : words + gap;
  const rest = defused.slice(label.length);
  if (label === "") return defused === "" ? [""] : wrapWords(defused.split(" "), { width });
  const indent = " ".repeat(label.length);
  const lines = wrapWords(rest.split(" "), { width: Math.max(width - label.length, 20) });
  return lines.map((part, index) => `${index === 0 ? label : indent}${part}`);
}
