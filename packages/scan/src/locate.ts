import { type Inventory, isScError, type Package, parsePurl } from "@sc/model";
import type { UncomparedReason } from "./coverage.ts";
import type { AdvisoryDatabase } from "./database/open.ts";
import type { ShardReader } from "./database/shard-reader.ts";
import { ecosystems, newestRelease } from "./ecosystem.ts";
import type { Ecosystem, NamedDistribution, ReleaseChoice } from "./ecosystems/ecosystem.ts";

/** The advisories that a package is compared with. */
export interface Located {
  readonly ecosystem: Ecosystem;
  readonly shard: ShardReader;
  /** What the releases are called together; empty where the ecosystem has none. */
  readonly release: string;
  /** As records name them. */
  readonly releases: readonly string[];
  /** Set when the release's own advisories are not there and those of the newest release stand in. */
  readonly standsInFor?: string;
}

/** Why there are none. */
export interface NotLocated {
  readonly reason: UncomparedReason;
  /** What was looked for, where it has a name. */
  readonly ecosystem?: Ecosystem;
  readonly release?: string;
}

/** Finds the advisories that a package is compared with, or why there are none. */
export type Locate = (found: Package) => Located | NotLocated;

/**
 * Finds advisories for the packages of an inventory: by type and, for an operating system's packages, by the
 * distribution. The answer is the same for all packages of a type, so that it is looked for once.
 */
export function createLocate(inventory: Pick<Inventory, "distribution">, database: AdvisoryDatabase): Locate {
  const known = new Map<string, Located | NotLocated>();
  return (found) => {
    const candidates = byType.get(found.type) ?? [];
    const [first] = candidates;
    if (first === undefined) return { reason: "unsupported-type" };
    const isSystem = first.distribution !== undefined;
    if (isSystem && found.origin === "third-party") return { reason: "third-party" };
    // Without one that the inventory names, each package's own purl may name another.
    if (isSystem && inventory.distribution === undefined) {
      const named = distributionOfPurl(found);
      return named === undefined ? { reason: "unknown-distribution" } : locateRelease(candidates, named, database);
    }
    const located =
      known.get(found.type) ??
      (inventory.distribution === undefined || !isSystem
        ? openShard(first, "", database)
        : locateRelease(candidates, inventory.distribution, database));
    known.set(found.type, located);
    return located;
  };
}

/**
 * The ecosystems whose advisories the packages of an inventory are compared with, whether or not a database has any: what
 * `createLocate` opens.
 */
export function ecosystemsOf({
  packages,
  distribution,
}: Pick<Inventory, "packages" | "distribution">): readonly string[] {
  const names = new Set<string>();
  for (const found of packages) {
    const candidates = byType.get(found.type) ?? [];
    const [first] = candidates;
    if (first === undefined || names.has(first.name)) continue;
    if (first.distribution === undefined) names.add(first.name);
    else if (found.origin !== "third-party") {
      const named = distribution ?? distributionOfPurl(found);
      const ecosystem = named === undefined ? undefined : ecosystemFor(candidates, named);
      if (ecosystem !== undefined) names.add(ecosystem.name);
    }
  }
  return [...names];
}

function ecosystemFor(candidates: readonly Ecosystem[], { id }: NamedDistribution): Ecosystem | undefined {
  return candidates.find((candidate) => candidate.distribution?.ids.includes(id));
}

const byType: ReadonlyMap<string, readonly Ecosystem[]> = Map.groupBy(ecosystems, ({ type }) => type);

function locateRelease(
  candidates: readonly Ecosystem[],
  distribution: NamedDistribution,
  database: AdvisoryDatabase,
): Located | NotLocated {
  const ecosystem = ecosystemFor(candidates, distribution);
  const choice = ecosystem?.distribution?.choose(distribution);
  if (ecosystem === undefined || choice === undefined) return { reason: "unsupported-distribution" };
  if ("includes" in choice) return openReleases(ecosystem, choice, database);
  if ("release" in choice) return openShard(ecosystem, choice.release, database);
  const newest = newestRelease(database.shard(ecosystem.name)?.facts.releases ?? []);
  const located = openShard(ecosystem, newest ?? "", database);
  const standsInFor = distribution.versionId ?? distribution.versionCodename ?? distribution.id;
  return "reason" in located ? located : { ...located, standsInFor };
}

function openShard(ecosystem: Ecosystem, release: string, database: AdvisoryDatabase): Located | NotLocated {
  const shard = database.shard(ecosystem.name);
  if (shard === undefined) return { reason: "no-advisories", ecosystem, release };
  if (release !== "" && !shard.facts.releases.includes(release)) {
    return { reason: "no-release-advisories", ecosystem, release };
  }
  return { ecosystem, shard, release, releases: [release] };
}

function openReleases(
  ecosystem: Ecosystem,
  { release, includes, standsInFor }: Extract<ReleaseChoice, { readonly includes: unknown }>,
  database: AdvisoryDatabase,
): Located | NotLocated {
  const shard = database.shard(ecosystem.name);
  if (shard === undefined) return { reason: "no-advisories", ecosystem, release };
  const releases = shard.facts.releases.filter((one) => includes(one));
  if (releases.length === 0) return { reason: "no-release-advisories", ecosystem, release };
  return { ecosystem, shard, release, releases, ...(standsInFor === undefined ? {} : { standsInFor }) };
}

// Documents of other tools, and lists of purls, say the distribution only in each purl: `distro=debian-12`, or less.
function distributionOfPurl({ purl }: Package): NamedDistribution | undefined {
  try {
    const { namespace, qualifiers } = parsePurl(purl);
    const distro = qualifiers?.["distro"];
    if (namespace === undefined || distro === undefined) return undefined;
    const [, id, version] = /^([a-z][a-z_-]*)-(\d.*)$/.exec(distro) ?? [];
    return id !== undefined && version !== undefined && ecosystems.some((one) => one.distribution?.ids.includes(id))
      ? { id, versionId: version }
      : { id: namespace, versionId: distro };
  } catch (cause) {
    if (isScError(cause)) return undefined;
    throw cause;
  }
}
