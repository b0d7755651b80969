import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type VersionScheme, versionSchemes } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";

const folder = dataFolder("versions") ?? "";

// What other projects call our schemes. Their orders of Java runtimes, of Windows updates and of Gentoo have none of
// ours: no ecosystem of advisories that we match needs them.
const schemeOfFormat: Readonly<Record<string, string>> = {
  apk: "apk",
  bitnami: "bitnami",
  deb: "dpkg",
  fuzzy: "generic",
  gem: "gem",
  generic: "generic",
  golang: "golang",
  maven: "maven",
  npm: "semver",
  pep440: "pep440",
  rpm: "rpm",
  rubygems: "gem",
  semantic: "semver",
};

interface ConstraintCase {
  readonly format: string;
  readonly version: string;
  readonly constraint: string;
  readonly satisfied: boolean;
}

interface RangeCase {
  readonly format: string;
  readonly name: string;
  readonly version: string;
  readonly vulnerableVersions: readonly string[];
  readonly patchedVersions: readonly string[];
  readonly unaffectedVersions: readonly string[];
  readonly vulnerable: boolean;
}

function linesOf(name: string): readonly string[] {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
}

const constraints = linesOf("constraints-grype.jsonl")
  .map((line): ConstraintCase => JSON.parse(line))
  .filter(({ format }) => format in schemeOfFormat);
const ranges = linesOf("advisory-ranges-trivy.jsonl").map((line): RangeCase => JSON.parse(line));

describe("constraints of other projects (SCAN-1)", () => {
  test.skipIf(constraints.length === 0)("are met by the versions that meet them, or listed", () => {
    const differences = constraints.flatMap(({ format, version, constraint, satisfied }) =>
      satisfies(version, constraint, schemeOf(format)) === satisfied ? [] : [`${format} ${version} [${constraint}]`],
    );
    expect(unlisted("constraints-grype", [...new Set(differences)])).toEqual([]);
    expect(constraints.length).toBeGreaterThan(0);
  });

  test.skipIf(ranges.length === 0)("of advisories tell affected versions from others, or are listed", () => {
    const differences = ranges.flatMap((one) =>
      isVulnerable(one) === one.vulnerable ? [] : [`${one.format} ${one.version} ${one.name}`],
    );
    expect(unlisted("advisory-ranges-trivy", differences)).toEqual([]);
  });
});

function schemeOf(format: string): VersionScheme<unknown> {
  const scheme = versionSchemes.find(({ id }) => id === schemeOfFormat[format]);
  if (scheme === undefined) throw new Error(`no scheme for ${format}`);
  return scheme;
}

// `>= 1, < 2 || = 3`, and Maven's `(,1.2.3]`; the empty constraint is met by every version.
function satisfies(version: string, constraint: string, scheme: VersionScheme<unknown>): boolean {
  const found = scheme.parse(version);
  if (constraint.trim() === "" || constraint.trim() === "*") return true;
  if (found === undefined) return false;
  const groups = constraint.includes("||") ? constraint.split("||") : [constraint];
  return groups.some((group) => bounds(group).every(([sign, text]) => meets(found, { sign, text, scheme })));
}

type Bound = readonly [sign: string, text: string];

function bounds(group: string): readonly Bound[] {
  const interval = /^\s*([[(])([^,]*),([^,]*)([\])])\s*$/.exec(group);
  if (interval !== null) {
    const [, open, from = "", to = "", close] = interval;
    const lower: readonly Bound[] = from === "" ? [] : [[open === "[" ? ">=" : ">", from]];
    const upper: readonly Bound[] = to === "" ? [] : [[close === "]" ? "<=" : "<", to]];
    return [...lower, ...upper];
  }
  return group.split(",").map((part): Bound => {
    const [, sign = "", text = ""] = /^\s*([<>=!~^]*)\s*(.*?)\s*$/.exec(part) ?? [];
    return [sign === "" ? "=" : sign, text];
  });
}

interface Meeting {
  readonly sign: string;
  readonly text: string;
  readonly scheme: VersionScheme<unknown>;
}

function meets(version: unknown, { sign, text, scheme }: Meeting): boolean {
  const bound = scheme.parse(text);
  if (bound === undefined) return false;
  const order = scheme.compare(version, bound);
  const answers: Readonly<Record<string, boolean>> = {
    "<": order < 0,
    "<=": order <= 0,
    "=": order === 0,
    "==": order === 0,
    "!=": order !== 0,
    ">=": order >= 0,
    ">": order > 0,
  };
  return answers[sign] ?? false;
}

// Trivy's rule: what is listed as affected is, unless it is mended or never was; without such a list, what is neither.
function isVulnerable({ format, version, ...lists }: RangeCase): boolean {
  const scheme = schemeOf(format);
  if (scheme.parse(version) === undefined) return false;
  const { vulnerableVersions, patchedVersions, unaffectedVersions } = lists;
  const isIn = (list: readonly string[]): boolean => list.some((one) => satisfies(version, one, scheme));
  const safe = [...patchedVersions, ...unaffectedVersions];
  if (safe.some((one) => !/^[\s\d<>=v[(]/.test(one))) return false;
  if (vulnerableVersions.length > 0 && !isIn(vulnerableVersions)) return false;
  return safe.length > 0 ? !isIn(safe) : vulnerableVersions.length > 0;
}

interface KnownDifference {
  readonly suite: string;
  readonly subject: string;
  readonly reason: string;
}

// Reviewed by hand, each with its reason; a difference that is not listed fails.
function unlisted(suite: string, differences: readonly string[]): readonly string[] {
  const path = join(import.meta.dirname, "known-differences/versions.json");
  const known: readonly KnownDifference[] = JSON.parse(readFileSync(path, "utf8"));
  const listed = new Set(known.filter((one) => one.suite === suite).map(({ subject }) => subject));
  return differences.filter((difference) => !listed.has(difference));
}
