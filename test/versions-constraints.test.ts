import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type VersionScheme, versionSchemes } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";

const folder = dataFolder("versions");

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
  return folder === undefined ? [] : readFileSync(join(folder, name), "utf8").trim().split("\n");
}

const constraints = linesOf("constraints-grype.jsonl")
  .map((line): ConstraintCase => JSON.parse(line))
  .filter(({ format }) => format in schemeOfFormat);
const ranges = linesOf("advisory-ranges-trivy.jsonl").map((line): RangeCase => JSON.parse(line));

describe("constraints of other projects (SCAN-1)", () => {
  test.skipIf(folder === undefined)("are met by the versions that meet them, or differ by a rule", () => {
    const differences = constraints.filter(
      (one) => meetsConstraint(one) !== one.satisfied && !isExplained("constraints-grype", one, meetsConstraint),
    );
    expect(differences.map((one) => `${one.format} ${one.version} [${one.constraint}]`)).toEqual([]);
    expect(constraints.length).toBeGreaterThan(0);
  });

  test.skipIf(folder === undefined)("of advisories tell affected versions from others, or differ by a rule", () => {
    const differences = ranges.filter(
      (one) => isVulnerable(one) !== one.vulnerable && !isExplained("advisory-ranges-trivy", one, isVulnerable),
    );
    expect(differences.map((one) => `${one.format} ${one.version} ${one.name}`)).toEqual([]);
    expect(ranges.length).toBeGreaterThan(0);
  });
});

function schemeOf(format: string): VersionScheme<unknown> {
  const scheme = versionSchemes.find(({ id }) => id === schemeOfFormat[format]);
  if (scheme === undefined) throw new Error(`no scheme for ${format}`);
  return scheme;
}

type Reading = (version: string, other: string) => string;

const asWritten: Reading = (version) => version;

function meetsConstraint({ format, version, constraint }: Omit<ConstraintCase, "satisfied">, reading = asWritten) {
  return satisfies(version, constraint, { scheme: schemeOf(format), reading });
}

interface Order {
  readonly scheme: VersionScheme<unknown>;
  readonly reading: Reading;
}

// `>= 1, < 2 || = 3`, `>=1 <2`, `1.x` and Maven's `(,1.2.3]`; the empty constraint is met by every version.
function satisfies(version: string, constraint: string, order: Order): boolean {
  if (constraint.trim() === "" || constraint.trim() === "*") return true;
  const groups = constraint.includes("||") ? constraint.split("||") : [constraint];
  return groups.some((group) => bounds(group).every((bound) => meets(version, bound, order)));
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
  return group.split(/\s*,\s*|(?<=[^\s<>=!~^])\s+(?=[<>=!~^])/).flatMap((part): readonly Bound[] => {
    const [, sign = "", text = ""] = /^\s*([<>=!~^]*)\s*(.*?)\s*$/.exec(part.replaceAll(/["']/g, "")) ?? [];
    const open = /^(\d+(?:\.\d+)*?)\.(\d+)\.[x*]$/.exec(text);
    if (open === null) return [[sign === "" ? "=" : sign, text]];
    const lowest = `${open[1]}.${open[2]}`;
    if (sign !== "" && sign !== "=") return [[sign, lowest]];
    return [
      [">=", lowest],
      ["<", `${open[1]}.${Number(open[2]) + 1}`],
    ];
  });
}

function meets(version: string, [sign, text]: Bound, { scheme, reading }: Order): boolean {
  const [found, bound] = [scheme.parse(reading(version, text)), scheme.parse(reading(text, version))];
  if (found === undefined || bound === undefined) return false;
  const order = scheme.compare(found, bound);
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
// An empty constraint means all versions, and one that cannot be read none.
function isVulnerable({ format, version, ...lists }: Omit<RangeCase, "vulnerable">, reading = asWritten): boolean {
  const order: Order = { scheme: schemeOf(format), reading };
  if (order.scheme.parse(reading(version, "")) === undefined) return false;
  const { vulnerableVersions, patchedVersions, unaffectedVersions } = lists;
  if ([...vulnerableVersions, ...patchedVersions].includes("")) return true;
  const isIn = (list: readonly string[]): boolean => list.some((one) => satisfies(version, one, order));
  const safe = [...patchedVersions, ...unaffectedVersions];
  if (
    [...vulnerableVersions, ...safe].some((one) => !(one === "*" && format !== "generic") && !/^[\s\d<>=v[(]/.test(one))
  )
    return false;
  if (vulnerableVersions.length > 0 && !isIn(vulnerableVersions)) return false;
  return safe.length > 0 ? !isIn(safe) : vulnerableVersions.length > 0;
}

/** A rule by which a project reads versions otherwise than their ecosystem, reviewed by hand. */
interface KnownReading {
  readonly suite: string;
  readonly formats: readonly string[];
  /** What it replaces in the versions that it compares, or only where one side alone has it. */
  readonly replaces: string;
  readonly by: string;
  readonly only?: "one-sided";
  readonly reason: string;
}

// A difference is explained where the case, read by one rule, gives what the project says. What no rule explains fails.
function isExplained<Case extends { readonly format: string }>(
  suite: string,
  one: Case,
  judge: (one: Case, reading: Reading) => boolean,
): boolean {
  const path = join(import.meta.dirname, "known-differences/versions.json");
  const rules: readonly KnownReading[] = JSON.parse(readFileSync(path, "utf8"));
  const asIs = judge(one, asWritten);
  return rules
    .filter((rule) => rule.suite === suite && rule.formats.includes(one.format))
    .some(({ replaces, by, only }) => {
      const pattern = new RegExp(replaces, "g");
      const reading: Reading = (version, other) =>
        only === "one-sided" && version.search(pattern) >= 0 === other.search(pattern) >= 0
          ? version
          : version.replaceAll(pattern, by);
      return judge(one, reading) !== asIs;
    });
}
