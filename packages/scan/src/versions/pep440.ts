import { compareDecimals, compareTexts } from "../decimal.ts";
import type { VersionScheme } from "../version-scheme.ts";

/** A Python version, taken apart: by PEP 440, or by the rules before it. */
export type Pep440Version = PublicVersion | LegacyVersion;

interface PublicVersion {
  readonly epoch: string;
  readonly release: readonly string[];
  /** a, b or rc with its number; below all of them where only a development number stands; above where none does. */
  readonly pre: Step;
  readonly post: Step;
  readonly dev: Step;
  readonly local: readonly string[];
}

interface LegacyVersion {
  readonly legacy: readonly string[];
}

interface Step {
  readonly rank: number;
  readonly number: string;
}

const lowest: Step = { rank: -1, number: "" };
const highest: Step = { rank: 9, number: "" };

// PEP 440, appendix B, in pieces none of which can match the same text in two ways.
const grammar = new RegExp(
  [
    String.raw`^v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)`,
    String.raw`(?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)(?:[-_.]?(?<preNumber>\d+))?)?`,
    String.raw`(?:-(?<bare>\d+)|[-_.]?(?<post>post|rev|r)(?:[-_.]?(?<postNumber>\d+))?)?`,
    String.raw`(?:[-_.]?(?<dev>dev)(?:[-_.]?(?<devNumber>\d+))?)?`,
    String.raw`(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$`,
  ].join(""),
);

/**
 * The order of Python's `packaging`, with numbers of any size. A text that PEP 440 does not know is ordered as
 * setuptools did before it, below every version that PEP 440 does: OSV orders them so, and old advisories name such.
 *
 * @see https://peps.python.org/pep-0440/
 */
export const pep440: VersionScheme<Pep440Version> = {
  id: "pep440",
  parse(text: string): Pep440Version | undefined {
    const version = text.trim().toLowerCase();
    if (version === "") return undefined;
    const groups = grammar.exec(version)?.groups;
    return groups === undefined ? { legacy: splitLegacy(version) } : readPublic(groups);
  },
  compare(left: Pep440Version, right: Pep440Version): number {
    if ("legacy" in left && "legacy" in right) return compareLists(left.legacy, right.legacy, compareTexts);
    if ("legacy" in left) return -1;
    if ("legacy" in right) return 1;
    return (
      compareDecimals(left.epoch, right.epoch) ||
      compareReleases(left.release, right.release) ||
      compareSteps(left.pre, right.pre) ||
      compareSteps(left.post, right.post) ||
      compareSteps(left.dev, right.dev) ||
      compareLists(left.local, right.local, compareLocals)
    );
  },
};

function readPublic(groups: Readonly<Record<string, string | undefined>>): PublicVersion {
  const hasPost = groups["post"] !== undefined || groups["bare"] !== undefined;
  const post = hasPost ? { rank: 0, number: groups["bare"] ?? groups["postNumber"] ?? "" } : lowest;
  const dev = groups["dev"] === undefined ? highest : { rank: 0, number: groups["devNumber"] ?? "" };
  const isOnlyDev = groups["pre"] === undefined && !hasPost && groups["dev"] !== undefined;
  return {
    epoch: groups["epoch"] ?? "",
    release: (groups["release"] ?? "").split("."),
    pre: isOnlyDev ? lowest : readPre(groups["pre"], groups["preNumber"]),
    post,
    dev,
    local: groups["local"]?.split(/[-_.]/) ?? [],
  };
}

function readPre(name: string | undefined, number: string | undefined): Step {
  if (name === undefined) return highest;
  const rank = name.startsWith("a") ? 0 : name.startsWith("b") ? 1 : 2;
  return { rank, number: number ?? "" };
}

function compareReleases(left: readonly string[], right: readonly string[]): number {
  const length = Math.max(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const order = compareDecimals(left[index] ?? "", right[index] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}

function compareSteps(left: Step, right: Step): number {
  return Math.sign(left.rank - right.rank) || compareDecimals(left.number, right.number);
}

function compareLocals(left: string, right: string): number {
  const leftNumeric = /^\d+$/.test(left);
  const rightNumeric = /^\d+$/.test(right);
  if (leftNumeric && rightNumeric) return compareDecimals(left, right);
  if (leftNumeric !== rightNumeric) return leftNumeric ? 1 : -1;
  return compareTexts(left, right);
}

function compareLists(
  left: readonly string[],
  right: readonly string[],
  compare: (left: string, right: string) => number,
): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const order = compare(left[index] ?? "", right[index] ?? "");
    if (order !== 0) return order;
  }
  return Math.sign(left.length - right.length);
}

const legacyNames: Readonly<Record<string, string>> = { pre: "c", preview: "c", "-": "final-", rc: "c", dev: "@" };
const zero = "00000000";

// setuptools' parse_version: words get a star in front, so that they sort before numbers, which are padded.
function splitLegacy(version: string): readonly string[] {
  const parts: string[] = [];
  for (const word of [...(version.match(/\d+|[a-z]+|[.-]|[^\da-z.-]+/g) ?? []), "final"]) {
    if (word === ".") continue;
    const name = Object.hasOwn(legacyNames, word) ? legacyNames[word] : word;
    const part = /^\d/.test(word) ? word.padStart(zero.length, "0") : `*${name}`;
    if (part.startsWith("*")) dropTrailing(parts, part);
    parts.push(part);
  }
  return parts;
}

function dropTrailing(parts: string[], next: string): void {
  if (next < "*final") while (parts.at(-1) === "*final-") parts.pop();
  while (parts.at(-1) === zero) parts.pop();
}
