import type { Finding, Inventory, Package } from "@sc/model";
import { judge, readInstalled } from "./affected.ts";
import type { Coverage } from "./coverage.ts";
import { CoverageTally } from "./coverage-tally.ts";
import type { DatabaseFacts } from "./database-facts.ts";
import type { AdvisoryDatabase } from "./database/open.ts";
import { compareNaturally, compareTexts } from "./decimal.ts";
import { describeFinding, type Hit } from "./describe-finding.ts";
import { type ComparedPackage, schemeOf } from "./ecosystem.ts";
import { groupAdvisories, type Vulnerability } from "./group.ts";
import { type Located, locateAdvisories } from "./locate.ts";
import { maxNameLength } from "./limits.ts";

/** How an inventory is matched. */
export interface MatchOptions {
  /** Whether findings carry summary, details and references; true by default. */
  readonly descriptions?: boolean;
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
  inventory: Pick<Inventory, "packages" | "distribution">,
  database: AdvisoryDatabase,
  options: MatchOptions = {},
): ScanResult {
  const { descriptions = true } = options;
  const tally = new CoverageTally();
  const compared = new Map<string, Compared>();
  const findings: Finding[] = [];
  for (const found of inventory.packages) {
    const located = locateAdvisories(found, inventory, database);
    if ("reason" in located) {
      tally.uncompared(found, located);
      continue;
    }
    const scheme = schemeOf(located.ecosystem);
    const target = located.ecosystem.compared(found);
    const result = compareOnce(target, located, compared);
    if (result.understood) tally.compared(located);
    else
      tally.uncompared(found, {
        reason: "version-not-understood",
        ecosystem: located.ecosystem,
        release: located.release,
      });
    tally.undecided(result.undecided);
    for (const vulnerability of result.vulnerabilities) {
      findings.push(describeFinding(vulnerability, { found, located, target, scheme, descriptions }));
    }
  }
  return {
    findings: findings.toSorted(compareFindings),
    coverage: tally.finish(),
    database: database.facts,
  };
}

interface Compared {
  /** Whether the version is one of its scheme. */
  readonly understood: boolean;
  readonly undecided: number;
  readonly vulnerabilities: readonly Vulnerability<Hit>[];
}

// Dozens of binary packages are built from one source package: it is compared once.
function compareOnce(target: ComparedPackage, located: Located, done: Map<string, Compared>): Compared {
  const key = [located.ecosystem.name, located.release, target.name, target.version].join("\0");
  const known = done.get(key);
  if (known !== undefined) return known;
  const result = compare(target, located);
  done.set(key, result);
  return result;
}

function compare({ name, version }: ComparedPackage, { ecosystem, release, shard }: Located): Compared {
  if (name.length > maxNameLength || version.length > maxNameLength) {
    return { understood: false, undecided: 0, vulnerabilities: [] };
  }
  const installed = readInstalled(version, schemeOf(ecosystem));
  const normalized = ecosystem.normalizeName(name);
  // What an advisory says of an ecosystem without naming a release it says of every release.
  const releases = release === "" ? [""] : [release, ""];
  const hits = new Map<number, Hit>();
  let undecided = 0;
  for (const entry of releases.flatMap((one) => shard.affected(one, normalized, installed))) {
    const judgement = judge(entry, installed);
    if (judgement.outcome === "undecided") undecided += 1;
    if (judgement.outcome !== "affected") continue;
    const head = shard.head(entry.advisory);
    const earlier = hits.get(entry.advisory);
    hits.set(entry.advisory, {
      ...head,
      number: entry.advisory,
      parts: [...(earlier?.parts ?? []), { entry, judgement }],
    });
  }
  const understood = installed.version !== undefined;
  const vulnerabilities = groupAdvisories([...hits.values()], { collective: ecosystem.distribution !== undefined });
  return { understood, undecided, vulnerabilities };
}

function compareFindings(left: Finding, right: Finding): number {
  return comparePackages(left.package, right.package) || compareNaturally(left.id, right.id);
}

function comparePackages(left: Pick<Package, "type" | "name" | "id">, right: typeof left): number {
  return compareTexts(left.type, right.type) || compareTexts(left.name, right.name) || compareTexts(left.id, right.id);
}
