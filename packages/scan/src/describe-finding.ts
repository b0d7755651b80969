import type { Finding, FindingPackage, FixState, MatchExplanation, Package, Rating } from "@sc/model";
import { unknownTime } from "./advisory.ts";
import { followFixes, type Judgement } from "./affected.ts";
import type { AffectedEntry, StoredAdvisory } from "./database/layout.ts";
import { compareTexts } from "./decimal.ts";
import { joinEcosystem } from "./ecosystem.ts";
import type { ComparedPackage } from "./ecosystems/names.ts";
import type { Vulnerability } from "./group.ts";
import type { Located } from "./locate.ts";
import { pickSeverity } from "./severity.ts";
import type { VersionScheme } from "./version-scheme.ts";

/** What of an advisory affects which of the names that a package goes by. */
export interface HitPart {
  readonly entry: AffectedEntry;
  readonly judgement: Judgement;
  readonly target: ComparedPackage;
  /** All that the advisory says of the package, this entry among it. */
  readonly beside: readonly AffectedEntry[];
}

/** An advisory that affects a package, with the parts of it that do. */
export interface Hit extends StoredAdvisory {
  readonly parts: readonly HitPart[];
}

/** What a finding is made from besides the vulnerability. */
export interface FindingContext {
  readonly found: Package;
  readonly located: Located;
  readonly scheme: VersionScheme<unknown>;
  readonly descriptions: boolean;
}

/** The finding that a vulnerability of a package is. */
export function describeFinding({ id, aliases, advisories }: Vulnerability<Hit>, context: FindingContext): Finding {
  const { found, located, scheme, descriptions } = context;
  const parts = advisories.flatMap((hit) => hit.parts);
  const ratings = joinRatings(advisories);
  const fixedIn = sortVersions(joinFixes(parts, scheme), scheme);
  const isMalicious = advisories.some((hit) => hit.id.startsWith("MAL-"));
  const published = earliest(advisories.flatMap((hit) => hit.published ?? []));
  const modified = latest(advisories.map((hit) => hit.modified));
  return {
    id,
    aliases,
    package: nameOnly(found),
    ...(isMalicious ? { malicious: true } : {}),
    severity: isMalicious ? "critical" : pickSeverity(ratings, located.ecosystem.distribution !== undefined),
    ratings,
    fixState: fixedIn.length > 0 ? "fixed" : unfixedState(parts),
    fixedIn,
    ...(descriptions ? joinDescriptions(advisories) : { references: [] }),
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
    explanations: advisories.flatMap((hit) => explain(hit, context)),
  };
}

function nameOnly({ id, type, name, version, purl, locations, properties = {} }: Package): FindingPackage {
  const named = { id, type, name, version, purl, locations };
  if (properties["layer:state"] !== "hidden") return named;
  const hiddenBy = Number(properties["layer:hidden-by"]);
  return Number.isSafeInteger(hiddenBy) ? { ...named, hiddenBy } : named;
}

// What a record says of the package counts over what it says of the vulnerability as a whole.
function joinRatings(advisories: readonly Hit[]): readonly Rating[] {
  const ratings = new Map<string, Rating>();
  for (const { parts, ratings: common } of advisories) {
    const own = parts.flatMap(({ entry }) => entry.ratings);
    for (const rating of own.length > 0 ? own : common) {
      ratings.set([rating.source, rating.method, rating.vector, rating.severity].join("\0"), rating);
    }
  }
  return [...ratings.values()];
}

// Advisories of one vulnerability may name different fixes: what one of them still calls affected does not mend. Where
// they contradict each other, or themselves, so that nothing is left, what they say of a fix is not kept back for that.
function joinFixes(parts: readonly HitPart[], scheme: VersionScheme<unknown>): readonly string[] {
  const named = parts.flatMap(({ judgement }) => judgement.fixes);
  const isOneVersion = parts.every(({ target }) => target.version === parts[0]?.target.version);
  const agreed = isOneVersion ? followFixes(named, [...new Set(parts.flatMap(({ beside }) => beside))], scheme) : [];
  if (agreed.length > 0) return agreed;
  const own = parts.flatMap(({ judgement, beside }) => followFixes(judgement.fixes, beside, scheme));
  return own.length > 0 ? own : named;
}

function unfixedState(parts: Hit["parts"]): FixState {
  if (parts.some(({ entry }) => entry.endOfLife)) return "end-of-life";
  if (parts.some(({ entry }) => entry.wontFix)) return "wont-fix";
  return parts.some(({ judgement }) => judgement.open) ? "not-fixed" : "unknown";
}

function sortVersions(versions: readonly string[], scheme: VersionScheme<unknown>): readonly string[] {
  return [...new Set(versions)].toSorted((left, right) => {
    const [leftVersion, rightVersion] = [scheme.parse(left), scheme.parse(right)];
    const known = leftVersion !== undefined && rightVersion !== undefined;
    return (known ? scheme.compare(leftVersion, rightVersion) : 0) || compareTexts(left, right);
  });
}

type Texts = Pick<Finding, "summary" | "details" | "references">;

function joinDescriptions(advisories: readonly Hit[]): Texts {
  const summary = advisories.find((hit) => hit.summary !== undefined)?.summary;
  const details = advisories.find((hit) => hit.details !== undefined)?.details;
  return {
    ...(summary === undefined ? {} : { summary }),
    ...(details === undefined ? {} : { details }),
    references: [...new Set(advisories.flatMap(({ references }) => references))],
  };
}

function explain(hit: Hit, { located, scheme }: FindingContext): readonly MatchExplanation[] {
  return hit.parts.map(({ judgement, target }) => ({
    advisory: hit.id,
    ecosystem: joinEcosystem(located.ecosystem.name, located.release),
    comparedName: target.name,
    comparedVersion: target.version,
    scheme: scheme.id,
    range: judgement.range,
  }));
}

function earliest(times: readonly string[]): string | undefined {
  return times.toSorted((left, right) => Date.parse(left) - Date.parse(right))[0];
}

function latest(times: readonly string[]): string | undefined {
  const known = times.filter((time) => time !== unknownTime);
  return known.toSorted((left, right) => Date.parse(left) - Date.parse(right)).at(-1);
}
