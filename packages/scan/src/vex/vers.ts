import type { VersionScheme } from "../version-scheme.ts";
import { versionSchemes } from "../versions/index.ts";

/** The version schemes that vers names by another name than ours; others go by their purl type. */
const schemes: Readonly<Record<string, string>> = {
  alpine: "apk",
  alpm: "alpm",
  apk: "apk",
  cargo: "semver",
  composer: "composer",
  cran: "cran",
  deb: "dpkg",
  gem: "gem",
  generic: "generic",
  golang: "golang",
  hackage: "hackage",
  hex: "semver",
  maven: "maven",
  npm: "semver",
  nuget: "nuget",
  pub: "pub",
  pypi: "pep440",
  rpm: "rpm",
  semver: "semver",
  swift: "semver",
};

/** Constraints of one range; real ones have some tens. */
const maxConstraints = 10_000;

interface Constraint {
  readonly comparator: string;
  readonly version: unknown;
}

/**
 * Whether a version is in a range written as vers: `vers:npm/>=1.0.0|<2.0.0`. `undefined` where that cannot be told: for
 * schemes that are not known, and for texts that are no range or no version.
 *
 * @see https://github.com/package-url/vers-spec
 */
export function isInRange(range: string, text: string): boolean | undefined {
  const [, name = "", list = ""] = /^vers:([a-z][a-z0-9.+-]*)\/(.+)$/s.exec(range) ?? [];
  const scheme = Object.hasOwn(schemes, name) ? versionSchemes.find(({ id }) => id === schemes[name]) : undefined;
  if (scheme === undefined) return undefined;
  const version = scheme.parse(text);
  if (version === undefined) return undefined;
  if (list.trim() === "*") return true;
  const constraints = readConstraints(list, scheme);
  return constraints === undefined ? undefined : isWithin(version, constraints, scheme);
}

function readConstraints(list: string, scheme: VersionScheme<unknown>): readonly Constraint[] | undefined {
  const parts = list.split("|", maxConstraints + 1);
  if (parts.length > maxConstraints) return undefined;
  const constraints: Constraint[] = [];
  for (const part of parts) {
    const [, comparator = "", encoded = ""] = /^(>=|<=|!=|<|>|=)?\s*([^\s<>=!*]+)$/.exec(part.trim()) ?? [];
    const version = scheme.parse(decode(encoded));
    if (version === undefined) return undefined;
    constraints.push({ comparator: comparator === "" ? "=" : comparator, version });
  }
  return constraints.toSorted((left, right) => scheme.compare(left.version, right.version));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isWithin(version: unknown, constraints: readonly Constraint[], scheme: VersionScheme<unknown>): boolean {
  const at = (wanted: string): boolean =>
    constraints.some((one) => one.comparator === wanted && scheme.compare(version, one.version) === 0);
  if (at("!=")) return false;
  if (at("=") || at("<=") || at(">=")) return true;
  // What lies strictly between two bounds is decided by either of them: they must agree that it is inside.
  const bounds = constraints.filter(({ comparator }) => comparator.startsWith("<") || comparator.startsWith(">"));
  const below = bounds.findLast((one) => scheme.compare(one.version, version) < 0);
  const above = bounds.find((one) => scheme.compare(one.version, version) > 0);
  if (bounds.some((one) => scheme.compare(one.version, version) === 0)) return false;
  if (below === undefined) return above?.comparator.startsWith("<") === true;
  if (above === undefined) return below.comparator.startsWith(">");
  return below.comparator.startsWith(">") && above.comparator.startsWith("<");
}
