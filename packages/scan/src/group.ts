import { compareNaturally } from "./decimal.ts";

/** The names that one advisory gives: its own, others of the same vulnerability, and what it passes on. */
export interface NamedAdvisory {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly upstream: readonly string[];
}

/** One vulnerability, by all the names that advisories give it. */
export interface Vulnerability<Advisory extends NamedAdvisory> {
  /** The CVE where there is one, else GitHub's name, else the first advisory's own. */
  readonly id: string;
  /** Its other names, and those of the collective advisories that it is part of, sorted. */
  readonly aliases: readonly string[];
  /** The advisories that tell of it, in the order they were given. */
  readonly advisories: readonly Advisory[];
}

/** How names are read. */
export interface GroupOptions {
  /**
   * Set for distributions, whose advisories collect several CVEs in one update: each CVE is a vulnerability then,
   * also where the advisory lists them as aliases.
   */
  readonly collective: boolean;
}

interface Claim<Advisory> {
  readonly advisory: Advisory;
  /** Names of one and the same vulnerability. */
  readonly names: readonly string[];
  /** Names of the update that brings its fix, which other vulnerabilities share. */
  readonly shared: readonly string[];
}

/**
 * The vulnerabilities that advisories tell of. Advisories are of one vulnerability when a chain of names connects
 * them, through aliases or through what they pass on; what is merely related connects nothing.
 */
export function groupAdvisories<Advisory extends NamedAdvisory>(
  advisories: readonly Advisory[],
  { collective }: GroupOptions,
): readonly Vulnerability<Advisory>[] {
  const claims = advisories.flatMap((advisory) => readClaims(advisory, collective));
  const roots = joinByName(claims.map(({ names }) => names));
  const groups = Map.groupBy(claims, (_, index) => roots[index]);
  return [...groups.values()].map(describeGroup);
}

/** For every list of names the first list that a chain of common names connects it to, by index. */
function joinByName(lists: readonly (readonly string[])[]): readonly number[] {
  const parents = lists.map((_, index) => index);
  const find = (start: number): number => {
    let root = start;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root] ?? root] ?? root;
      root = parents[root] ?? root;
    }
    return root;
  };
  const first = new Map<string, number>();
  for (const [index, names] of lists.entries()) {
    for (const name of names) {
      const [left, right] = [find(first.get(name) ?? index), find(index)];
      parents[Math.max(left, right)] = Math.min(left, right);
      first.set(name, Math.min(left, right));
    }
  }
  return lists.map((_, index) => find(index));
}

function readClaims<Advisory extends NamedAdvisory>(
  advisory: Advisory,
  collective: boolean,
): readonly Claim<Advisory>[] {
  const { id, aliases, upstream } = advisory;
  const isOne = isCve(id) || (!collective && aliases.some(isCve));
  const cves = [...new Set([...upstream, ...aliases])].filter(isCve);
  if (isOne || cves.length <= 1) return [{ advisory, names: [id, ...aliases, ...upstream], shared: [] }];
  const others = [...aliases, ...upstream].filter((name) => !isCve(name));
  return cves.map((cve) => ({
    advisory,
    // DEBIAN-CVE-2024-1 and UBUNTU-CVE-2024-1 are names of CVE-2024-1.
    names: [cve, ...others.filter((name) => name.endsWith(`-${cve}`))],
    shared: [id],
  }));
}

function describeGroup<Advisory extends NamedAdvisory>(claims: readonly Claim<Advisory>[]): Vulnerability<Advisory> {
  const names = [...new Set(claims.flatMap((claim) => claim.names))].toSorted(compareNaturally);
  const own = new Set(claims.map(({ advisory }) => advisory.id));
  const id =
    names.find(isCve) ?? names.find((name) => name.startsWith("GHSA-")) ?? names.find((name) => own.has(name)) ?? "";
  const shared = claims.flatMap((claim) => claim.shared);
  const aliases = [...new Set([...names, ...shared])].filter((name) => name !== id).toSorted(compareNaturally);
  return { id, aliases, advisories: [...new Set(claims.map(({ advisory }) => advisory))] };
}

function isCve(name: string): boolean {
  return /^CVE-\d{4}-\d+$/.test(name);
}
