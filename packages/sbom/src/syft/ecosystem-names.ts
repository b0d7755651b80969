/** The names syft has for kinds of packages, by their purl types. */
export const syftTypes: ReadonlyMap<string, string> = new Map([
  ["alpm", "alpm"],
  ["apk", "apk"],
  ["cargo", "rust-crate"],
  ["cocoapods", "pod"],
  ["composer", "php-composer"],
  ["conan", "conan"],
  ["conda", "conda"],
  ["cran", "R-package"],
  ["deb", "deb"],
  ["ebuild", "portage"],
  ["gem", "gem"],
  ["generic", "binary"],
  ["github", "github-action"],
  ["golang", "go-module"],
  ["hackage", "hackage"],
  ["hex", "hex"],
  ["luarocks", "lua-rocks"],
  ["maven", "java-archive"],
  ["npm", "npm"],
  ["nuget", "dotnet"],
  ["opam", "opam"],
  ["pear", "php-pear"],
  ["pub", "dart-pub"],
  ["pypi", "python"],
  ["rpm", "rpm"],
  ["swift", "swift"],
  ["wordpress-plugin", "wordpress-plugin"],
]);

/** The purl types of syft's names. */
export const purlTypesOfSyft: ReadonlyMap<string, string> = new Map([...syftTypes].map(([purl, syft]) => [syft, purl]));

/** The languages syft names, by purl type. */
export const syftLanguages: ReadonlyMap<string, string> = new Map([
  ["cargo", "rust"],
  ["composer", "php"],
  ["gem", "ruby"],
  ["golang", "go"],
  ["maven", "java"],
  ["npm", "javascript"],
  ["nuget", "dotnet"],
  ["pub", "dart"],
  ["pypi", "python"],
]);
