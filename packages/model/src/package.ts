import type { Digest } from "./digest.ts";
import type { Purl } from "./purl.ts";

/** A licence as found and, where it can be told, as SPDX says it. */
export interface License {
  /** What the package itself says, unchanged. */
  readonly declared: string;
  /** A valid SPDX licence expression; absent when `declared` has none. */
  readonly expression?: string;
}

/** A checksum that the package's own database or file records. */
export interface PackageHash {
  readonly algorithm: "md5" | "sha1" | "sha256" | "sha384" | "sha512";
  /** Lower-case hexadecimal. */
  readonly value: string;
}

/** Where in the image a package was found. */
export interface PackageLocation {
  /** The file that is the evidence, without a leading slash, as it is named in its layer. */
  readonly path: string;
  /** The layer the evidence came with: the digest of its descriptor. Absent for directories. */
  readonly layer?: Digest;
  /** What the image's configuration claims for that layer. */
  readonly diffId?: Digest;
  /** The layer's place in the image, 0 the oldest. */
  readonly layerIndex?: number;
}

/** The package that an operating system's package was built from. */
export interface SourcePackage {
  readonly name: string;
  /** Absent when it is the binary package's own. */
  readonly version?: string;
}

/**
 * A package that is in the image.
 *
 * `name` is the name the ecosystem and its advisories use, whole: `@scope/name`, `group:artifact`,
 * `github.com/owner/repo`. `version` is as the ecosystem writes it, with epoch where dpkg and rpm have one.
 */
export interface Package {
  readonly kind: "package";
  /** Unique in its inventory and stable between runs: the purl, with a suffix where two packages share one. */
  readonly id: string;
  /** The purl type: apk, deb, rpm, npm, pypi, maven, golang, cargo … */
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: Purl;
  /** The cataloger that found it. */
  readonly cataloger: string;
  /** Whether it is installed, or only declared by a lock file or manifest. */
  readonly evidence: "installed" | "declared";
  /**
   * First the evidence itself, then the other places that confirm it. Empty only in an inventory that was read from a
   * document which does not say.
   */
  readonly locations: readonly PackageLocation[];
  readonly licenses: readonly License[];
  readonly source?: SourcePackage;
  readonly architecture?: string;
  /** Who stands behind it: maintainer, vendor, packager or author. */
  readonly supplier?: string;
  /** For packages of an operating system: the distribution's own, or somebody else's. */
  readonly origin?: "distribution" | "third-party";
  readonly description?: string;
  readonly homepage?: string;
  readonly downloadLocation?: string;
  readonly cpes?: readonly string[];
  readonly hashes?: readonly PackageHash[];
  /** The files it owns, without leading slashes, sorted. Left out where the database does not say. */
  readonly files?: readonly string[];
  /** Facts of one ecosystem that others do not have: `rpm:modularity`, `go:replace` … by those names. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** How two packages of an inventory stand to each other. `from` and `to` are package ids. */
export interface Relationship {
  readonly from: string;
  readonly to: string;
  /** `from` depends on `to`; `from` is owned by `to` (its files belong to that OS package); `from` contains `to`. */
  readonly type: "depends-on" | "owned-by" | "contains";
}
