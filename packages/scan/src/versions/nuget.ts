import type { SemVer } from "./semver.ts";
import { semver } from "./semver.ts";
import type { VersionScheme } from "../version-scheme.ts";

/**
 * The order of NuGet: Semantic Versioning with up to four numbers, prereleases compared without regard to case, and
 * build metadata ignored.
 *
 * @see https://learn.microsoft.com/en-us/nuget/concepts/package-versioning
 */
export const nuget: VersionScheme<SemVer> = {
  id: "nuget",
  parse(text: string): SemVer | undefined {
    return semver.parse(text.toLowerCase());
  },
  compare(left: SemVer, right: SemVer): number {
    return semver.compare(left, right);
  },
};
