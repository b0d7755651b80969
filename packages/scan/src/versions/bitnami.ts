import { compareDecimals } from "../decimal.ts";
import { type SemVer, semver } from "./semver.ts";
import type { VersionScheme } from "../version-scheme.ts";

/** A version of a Bitnami component: a semantic version with the revision of its packaging. */
export interface BitnamiVersion {
  readonly version: SemVer;
  readonly revision: string;
}

/**
 * The order of Bitnami: Semantic Versioning, but a number behind the last hyphen is a revision, which makes the
 * version higher and not a prerelease: `1.2.3 < 1.2.3-4`.
 *
 * @see https://github.com/bitnami/go-version
 */
export const bitnami: VersionScheme<BitnamiVersion> = {
  id: "bitnami",
  parse(text: string): BitnamiVersion | undefined {
    const revision = /^[^+]*?-(\d+)$/.exec(text)?.[1];
    const version = semver.parse(revision === undefined ? text : text.slice(0, -revision.length - 1));
    return version === undefined ? undefined : { version, revision: revision ?? "0" };
  },
  compare(left: BitnamiVersion, right: BitnamiVersion): number {
    return semver.compare(left.version, right.version) || compareDecimals(left.revision, right.revision);
  },
};
