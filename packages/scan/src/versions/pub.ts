import { comparePrereleases, type SemVer, semver } from "./semver.ts";
import type { VersionScheme } from "../version-scheme.ts";

/** A version of a Dart package: a semantic version whose build counts. */
export interface PubVersion {
  readonly version: SemVer;
  readonly build: readonly string[];
}

/**
 * The order of Pub: Semantic Versioning, but where all else is equal a version with a build is higher than without,
 * and builds are ordered as prereleases are.
 *
 * @see https://pub.dev/documentation/pub_semver/latest/pub_semver/Version/compareTo.html
 */
export const pub: VersionScheme<PubVersion> = {
  id: "pub",
  parse(text: string): PubVersion | undefined {
    const version = semver.parse(text);
    if (version === undefined) return undefined;
    const plus = text.indexOf("+");
    return {
      version,
      build:
        plus < 0
          ? []
          : text
              .slice(plus + 1)
              .trim()
              .split("."),
    };
  },
  compare(left: PubVersion, right: PubVersion): number {
    const order = semver.compare(left.version, right.version);
    if (order !== 0) return order;
    if (left.build.length === 0 || right.build.length === 0) return Math.sign(left.build.length - right.build.length);
    return comparePrereleases(left.build, right.build);
  },
};
