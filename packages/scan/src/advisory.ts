import type { Rating } from "@sc/model";

/** What `modified` says of a record that does not say when it was changed. */
export const unknownTime = "1970-01-01T00:00:00Z";

/** One event of a range: a version from which something changes. `*` as a limit is no limit. */
export interface AffectedEvent {
  readonly type: "introduced" | "fixed" | "last_affected" | "limit";
  readonly version: string;
}

/** A span of versions. Ranges of commits are not kept: an inventory knows no commits. */
export interface AffectedRange {
  /** `SEMVER` is ordered by Semantic Versioning whatever the ecosystem, `ECOSYSTEM` as the ecosystem does. */
  readonly type: "SEMVER" | "ECOSYSTEM";
  /** In any order, as the record has them. */
  readonly events: readonly AffectedEvent[];
}

/** One package that an advisory is about, in one release of one ecosystem. */
export interface AffectedPackage {
  /** Without release: `Debian`. */
  readonly ecosystem: string;
  /** What follows the ecosystem's colon: `12`; empty where nothing does. */
  readonly release: string;
  /** In the form the ecosystem compares names by. */
  readonly name: string;
  readonly ranges: readonly AffectedRange[];
  /** Versions that are affected whatever the ranges say. */
  readonly versions: readonly string[];
  /** What this part of the record says of its own severity, over what the whole record says. */
  readonly ratings: readonly Rating[];
  /** Set when the maintainers will not mend this release any more. */
  readonly endOfLife?: true;
  /** Set when the maintainers have decided not to mend this. */
  readonly wontFix?: true;
  /**
   * Set for packages of rpm modules: the streams that the update is for (`nodejs:18`), as far as the record says.
   * Packages outside these streams have versions that are not to be compared with its.
   */
  readonly modules?: readonly string[];
  /**
   * The binary packages that the record lists, in the form they are compared in, sorted: other packages of the same
   * source are not affected. Absent where it lists none.
   */
  readonly binaries?: readonly string[];
}

/**
 * An advisory as it is matched: decoded, bounded, severities computed.
 *
 * @see https://ossf.github.io/osv-schema/
 */
export interface Advisory {
  readonly id: string;
  /** Other names of the same vulnerability. */
  readonly aliases: readonly string[];
  /** Advisories that this one passes on. */
  readonly upstream: readonly string[];
  /** RFC 3339; always there. */
  readonly modified: string;
  readonly published?: string;
  /** Set when it was taken back; such a record matches nothing. */
  readonly withdrawn?: true;
  readonly summary?: string;
  /** Text in Markdown as the record has it, cut to a bound. */
  readonly details?: string;
  readonly references: readonly string[];
  readonly ratings: readonly Rating[];
  readonly affected: readonly AffectedPackage[];
}
