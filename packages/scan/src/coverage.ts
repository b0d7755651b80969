import type { EcosystemTells } from "./ecosystems/ecosystem.ts";

/** Why packages were not compared with any advisory. */
export const uncomparedReasons = [
  "unknown-distribution",
  "unsupported-distribution",
  "unsupported-type",
  "third-party",
  "vendor-rebuild",
  "no-advisories",
  "no-release-advisories",
  "version-not-understood",
] as const;

/** One of the reasons why a package was not compared. */
export type UncomparedReason = (typeof uncomparedReasons)[number];

/** Packages of one type that were not compared, and why. */
export interface Uncompared {
  readonly reason: UncomparedReason;
  /** The purl type of the packages. */
  readonly type: string;
  /** The ecosystem that was looked for in the database, where there is one for these packages: `Debian:12`. */
  readonly ecosystem?: string;
  readonly packages: number;
  /** The ids of the first of them, at most ten. */
  readonly examples: readonly string[];
}

/** What was compared with the advisories of one ecosystem. */
export interface EcosystemCoverage {
  /** With the release where the ecosystem has releases: `Debian:12`, `npm`. */
  readonly ecosystem: string;
  /** How many packages were compared, whether or not any advisory names them. */
  readonly packages: number;
  /** How many records the database holds for this ecosystem, all its releases together. */
  readonly advisories: number;
  /** What the records tell of, so that finding nothing is not taken for more than it is. */
  readonly tells: EcosystemTells;
  /** When the newest of them was changed, RFC 3339. */
  readonly newest?: string;
  /** Set when the release has no advisories of its own and those of the newest release stand in for them. */
  readonly standsInFor?: string;
}

/** What a match could and could not compare: so that "nothing found" is told from "nothing was compared". */
export interface Coverage {
  /** How many packages of the inventory were compared. */
  readonly compared: number;
  /** How many were not. */
  readonly uncompared: number;
  /** Sorted by ecosystem. */
  readonly ecosystems: readonly EcosystemCoverage[];
  /** Sorted by type and reason. */
  readonly gaps: readonly Uncompared[];
  /** Advisories that name a package of the inventory by a range that its version scheme cannot evaluate. */
  readonly undecided: number;
}
