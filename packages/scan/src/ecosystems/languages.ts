import type { Ecosystem } from "./ecosystem.ts";
import { byGem, byPackage, lowerCase, normalizePython, normalizeSwift, unchanged } from "./names.ts";

type Language = Pick<Ecosystem, "name" | "scheme" | "type"> & Partial<Pick<Ecosystem, "normalizeName" | "compared">>;

const rows: readonly Language[] = [
  { name: "Bioconductor", scheme: "cran", type: "bioconductor" },
  { name: "Bitnami", scheme: "bitnami", type: "bitnami", normalizeName: lowerCase },
  { name: "CRAN", scheme: "cran", type: "cran" },
  { name: "CocoaPods", scheme: "gem", type: "cocoapods" },
  { name: "ConanCenter", scheme: "generic", type: "conan", normalizeName: lowerCase },
  // Actions are named by repository, whose upper and lower case is the same; the versions are tags.
  { name: "GitHub Actions", scheme: "semver", type: "github", normalizeName: lowerCase },
  // A module's path, or `stdlib` and `toolchain` for what comes with Go.
  { name: "Go", scheme: "golang", type: "golang" },
  { name: "Hackage", scheme: "hackage", type: "hackage" },
  { name: "Hex", scheme: "semver", type: "hex", normalizeName: lowerCase },
  { name: "Julia", scheme: "semver", type: "julia" },
  { name: "Maven", scheme: "maven", type: "maven" },
  { name: "NuGet", scheme: "nuget", type: "nuget", normalizeName: lowerCase },
  { name: "Packagist", scheme: "composer", type: "composer", normalizeName: lowerCase },
  { name: "Pub", scheme: "pub", type: "pub", normalizeName: lowerCase },
  { name: "PyPI", scheme: "pep440", type: "pypi", normalizeName: normalizePython },
  { name: "RubyGems", scheme: "gem", type: "gem", compared: byGem },
  { name: "SwiftURL", scheme: "semver", type: "swift", normalizeName: normalizeSwift },
  { name: "VSCode", scheme: "semver", type: "vscode-extension", normalizeName: lowerCase },
  { name: "crates.io", scheme: "semver", type: "cargo" },
  { name: "npm", scheme: "semver", type: "npm" },
];

/** The ecosystems of languages and of registries that are no operating system's. */
export const languages: readonly Ecosystem[] = rows.map(
  ({ name, scheme, type, normalizeName = unchanged, compared = byPackage }) => ({
    name,
    scheme,
    type,
    normalizeName,
    compared,
    tells: "unfixed-too",
  }),
);
