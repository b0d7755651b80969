import type { Distribution, Package } from "@sc/model";
import type { ComparedPackage } from "./names.ts";

/** Where in an ecosystem a distribution's advisories are. */
export type ReleaseChoice =
  /** In one release; empty where the ecosystem has none. */
  | { readonly release: string }
  /** In the newest release there is. */
  | { readonly newest: true }
  /** In several at once, called `release` together: modules, channels, support that is paid for. */
  | {
      readonly release: string;
      readonly includes: (release: string) => boolean;
      /** Set when they are another distribution's, whose packages are rebuilt without changes. */
      readonly standsInFor?: string;
    };

/** What is needed of a distribution to choose the release. */
export type NamedDistribution = Pick<Distribution, "id" | "versionId" | "versionCodename" | "prettyName">;

/** How an operating system's advisories are found. */
export interface EcosystemDistribution {
  /** The `ID`s of its os-release. */
  readonly ids: readonly string[];
  /** Which release's advisories are this distribution's; nothing where its version says too little. */
  readonly choose: (distribution: NamedDistribution) => ReleaseChoice | undefined;
}

/** One family of advisories: how it names packages, releases and versions. A row of `ecosystems`. */
export interface Ecosystem {
  /** As OSV writes it, without release. */
  readonly name: string;
  /** The version scheme of its `ECOSYSTEM` ranges. */
  readonly scheme: string;
  /** The purl type of its packages. */
  readonly type: string;
  /** The form in which names are compared. */
  readonly normalizeName: (name: string) => string;
  /** What of a package the advisories speak of, each to be asked for. */
  readonly compared: (found: Package) => readonly ComparedPackage[];
  /** For operating systems. */
  readonly distribution?: EcosystemDistribution;
  /** Set when its records give the CVEs that an update mends as `related`. */
  readonly relatedAreParts?: true;
  /** Set when its records list, by source package, the binary packages that they are about. */
  readonly listsBinaries?: true;
  /** Whether a purl that a record gives for a package is of the distribution itself, and not of a variant of it. */
  readonly isOwn?: (purl: string) => boolean;
  /** What its records tell of, so that finding nothing is not taken for more than it is. */
  readonly tells: EcosystemTells;
}

/**
 * What the records of an ecosystem tell of: only of what an update mends, or also of what nothing mends yet. Of the
 * first kind, a vulnerability without an update is not found.
 */
export type EcosystemTells = "fixed-only" | "unfixed-too";
