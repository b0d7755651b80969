import type { Finding, Package } from "@sc/model";
import { binaryNameOf } from "./binary-packages.ts";
import { type InstalledVersion, judge, readInstalled } from "./affected.ts";
import type { Coverage } from "./coverage.ts";
import { CoverageTally } from "./coverage-tally.ts";
import type { DatabaseFacts } from "./database-facts.ts";
import type { AffectedEntry } from "./database/layout.ts";
import type { AdvisoryDatabase } from "./database/open.ts";
import { compareNaturally, compareTexts } from "./decimal.ts";
import { describeFinding, type Hit, type HitPart } from "./describe-finding.ts";
import { schemeOf } from "./ecosystem.ts";
import type { Match } from "./false-match.ts";
import { falseMatches } from "./false-matches/index.ts";
import { rebuilderOf } from "./false-matches/vendor-rebuild.ts";
import type { ComparedPackage } from "./ecosystems/names.ts";
import { groupAdvisories, type Vulnerability } from "./group.ts";
import { createLocate, type Located } from "./locate.ts";
import { maxNameLength } from "./limits.ts";
import { isOfStream, type Module, moduleOf } from "./rpm-module.ts";
import { type MatchedInventory, Surroundings } from "./surroundings.ts";
import type { VersionScheme } from "./version-scheme.ts";

/** How an inventory is matched. */
export interface MatchOptions {
  /** Whether findings carry summary, details and references; true by default. */
  readonly descriptions?: boolean;
  /** Whether matches that say less than they seem to are set aside, kept with the reason; true by default. */
  readonly setAside?: boolean;
}

/** What matching an inventory gave. Plain data. */
export interface ScanResult {
  /** Sorted by package, then by id. */
  readonly findings: readonly Finding[];
  readonly coverage: Coverage;
  readonly database: DatabaseFacts;
}

/**
 * The vulnerabilities that a database knows of the packages of an inventory.
 *
 * Depends on nothing but its arguments: an inventory read back from a document gives what the image gave. Throws
 * `DATABASE_CORRUPT`.
 */
export function matchInventory(
  inventory: MatchedInventory,
  database: AdvisoryDatabase,
  options: MatchOptions = {},
): ScanResult {
  const { descriptions = true, setAside = true } = options;
  const locate = createLocate(inventory, database);
  const surroundings = new Surroundings(inventory, locate);
  const tally = new CoverageTally();
  const compared = new Map<string, Compared>();
  const findings: Finding[] = [];
  for (const found of inventory.packages) {
    const located = locate(found);
    if ("reason" in located) {
      tally.uncompared(found, located);
      continue;
    }
    const scheme = schemeOf(located.ecosystem);
    const subject = { targets: located.ecosystem.compared(found), module: moduleOf(found) };
    const result = compareOnce(subject, located, compared);
    const { ecosystem, release } = located;
    if (!result.understood) tally.uncompared(found, { reason: "version-not-understood", ecosystem, release });
    else if (setAside && rebuilderOf(found) !== undefined) {
      tally.uncompared(found, { reason: "vendor-rebuild", ecosystem, release });
    } else tally.compared(located);
    tally.undecided(result.undecided);
    for (const vulnerability of narrow(result, { found, located })) {
      const finding = describeFinding(vulnerability, { found, located, scheme, descriptions });
      findings.push(setAside ? judgeMatch({ finding, found, ecosystem }, surroundings) : finding);
    }
  }
  return {
    findings: findings.map((finding) => rateExploitation(finding, database)).toSorted(compareFindings),
    coverage: tally.finish(),
    database: database.facts,
  };
}

function judgeMatch(match: Match, surroundings: Surroundings): Finding {
  const { finding } = match;
  if (finding.malicious === true) return finding;
  for (const known of falseMatches) {
    const reason = known.explain(match, surroundings);
    if (reason !== undefined) return { ...finding, suppressed: { by: "matcher", reason, source: known.id } };
  }
  return finding;
}

interface Compared {
  /** Whether the version is one of its scheme. */
  readonly understood: boolean;
  readonly undecided: number;
  readonly hits: readonly Hit[];
  readonly vulnerabilities: readonly Vulnerability<Hit>[];
}

// What lists binary packages is of those alone: headers and documentation are built from the source, too.
function narrow(
  { hits, vulnerabilities }: Compared,
  { found, located: { shard, ecosystem } }: { readonly found: Package; readonly located: Located },
): readonly Vulnerability<Hit>[] {
  const binary = binaryNameOf(found);
  if (binary === undefined || hits.every(({ parts }) => parts.every(({ entry }) => entry.binaries === undefined))) {
    return vulnerabilities;
  }
  const own = hits.flatMap((hit) => {
    const parts = hit.parts.filter(
      ({ entry: { binaries } }) => binaries === undefined || shard.listsBinary(binaries, binary),
    );
    return parts.length === 0 ? [] : [{ ...hit, parts }];
  });
  return groupAdvisories(own, { collective: ecosystem.distribution !== undefined });
}

interface Subject {
  readonly targets: readonly ComparedPackage[];
  readonly module: Module | undefined;
}

// Dozens of binary packages are built from one source package: it is compared once.
function compareOnce(subject: Subject, located: Located, done: Map<string, Compared>): Compared {
  const names = subject.targets.flatMap(({ name, version }) => [name, version]);
  const key = [located.ecosystem.name, located.release, subject.module?.stream ?? "", ...names].join("\0");
  const known = done.get(key);
  if (known !== undefined) return known;
  const result = compare(subject, located);
  done.set(key, result);
  return result;
}

function compare({ targets, module }: Subject, { ecosystem, releases, shard }: Located): Compared {
  const parts = new Map<number, HitPart[]>();
  let undecided = 0;
  let understood = true;
  // What an advisory says of an ecosystem without naming a release it says of every release.
  const asked = releases.includes("") ? releases : [...releases, ""];
  for (const target of targets) {
    const { name, version } = target;
    const installed = readComparable(version, schemeOf(ecosystem));
    if (installed.version === undefined) understood = false;
    if (name.length > maxNameLength || version.length > maxNameLength) continue;
    const normalized = ecosystem.normalizeName(name);
    const entries = asked
      .flatMap((release) => shard.affected(release, normalized, installed))
      .filter((entry) => ecosystem.scheme !== "rpm" || isOfStream(entry, module));
    let byAdvisory: ReadonlyMap<number, readonly AffectedEntry[]> | undefined;
    for (const entry of entries) {
      const judgement = judge(entry, installed);
      if (judgement.outcome === "undecided") undecided += 1;
      if (judgement.outcome !== "affected") continue;
      byAdvisory ??= Map.groupBy(entries, ({ advisory }) => advisory);
      const beside = byAdvisory.get(entry.advisory)?.filter((other) => isOfSamePackages(other, entry)) ?? [];
      const part = { entry, judgement, target, beside };
      const others = parts.get(entry.advisory);
      if (others === undefined) parts.set(entry.advisory, [part]);
      else others.push(part);
    }
  }
  if (parts.size === 0) return { understood, undecided, hits: [], vulnerabilities: [] };
  const advisories = shard.advisories(parts.keys());
  const hits = [...parts].flatMap(([number, own]): readonly Hit[] => {
    const advisory = advisories.get(number);
    return advisory === undefined ? [] : [{ ...advisory, parts: own }];
  });
  const vulnerabilities = groupAdvisories(hits, { collective: ecosystem.distribution !== undefined });
  return { understood, undecided, hits, vulnerabilities };
}

function isOfSamePackages({ binaries }: AffectedEntry, other: AffectedEntry): boolean {
  return binaries === undefined || binaries === other.binaries;
}

// What stands where a version should: an address, a path, a name that a build was to replace.
const noVersion =
  /^(?:\(devel\)|unknown|undefined|null|latest)$|\$\{|^(?:file|link|portal|workspace|patch|git(?:\+\w+)?|github|https?|ssh):/i;

function readComparable(version: string, scheme: VersionScheme<unknown>): InstalledVersion {
  return version.length > maxNameLength || noVersion.test(version)
    ? { text: version, scheme, version: undefined, semver: undefined }
    : readInstalled(version, scheme);
}

function rateExploitation(finding: Finding, database: AdvisoryDatabase): Finding {
  return { ...finding, ...database.exploitation([finding.id, ...finding.aliases]) };
}

function compareFindings(left: Finding, right: Finding): number {
  return comparePackages(left.package, right.package) || compareNaturally(left.id, right.id);
}

function comparePackages(left: Pick<Package, "type" | "name" | "id">, right: typeof left): number {
  return compareTexts(left.type, right.type) || compareTexts(left.name, right.name) || compareTexts(left.id, right.id);
}
