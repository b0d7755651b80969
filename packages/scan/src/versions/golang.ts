import { type SemVer, semver } from "./semver.ts";
import type { VersionScheme } from "../version-scheme.ts";

/**
 * The order of Go modules (Semantic Versioning with a `v`; `+incompatible` is build metadata and has no weight) and of
 * Go's own releases, `go1.22rc1`, whose candidates come before the release.
 *
 * @see https://go.dev/ref/mod#versions
 * @see https://pkg.go.dev/go/version
 */
export const golang: VersionScheme<SemVer> = {
  id: "golang",
  parse(text: string): SemVer | undefined {
    const release = /^(?:go)?(\d+(?:\.\d+)*)(alpha|beta|rc)(\d+)$/.exec(text);
    if (release !== null) return semver.parse(`${release[1]}-${release[2]}.${release[3]}`);
    return semver.parse(text.replace(/^go(?=\d)/, ""));
  },
  compare(left: SemVer, right: SemVer): number {
    return semver.compare(left, right);
  },
};
