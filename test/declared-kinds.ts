/** How the suites' files of one kind are read: they have other names there than a project gives them. */
export interface KindOfFile {
  readonly catalogers: readonly string[];
  /** The name that the format's own tool gives the file. */
  readonly path: string;
  /** Files that lie beside one of that name, and the names they have for the tool. */
  readonly beside?: (file: string) => readonly { readonly from: string; readonly to: string }[];
  /** The name as the ecosystem compares names. */
  readonly name?: (name: string) => string;
  readonly version?: (version: string) => string;
  /** What we list by choice where the suite does not. */
  readonly ours?: (name: string) => boolean;
  /** Whether the text pins exactly that version; a peer takes the bound of a range for the version, and we do not. */
  readonly exact?: (text: string, wanted: { readonly name: string; readonly version: string }) => boolean;
}

function pypiName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}

/** The suites call a package of Swift by its place or by the last part of it. */
function swiftName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1).toLowerCase();
}

function goSum(file: string): readonly { readonly from: string; readonly to: string }[] {
  return [{ from: file.replace(/mod$/, "sum"), to: "go.sum" }];
}

/** Whether a requirement of Python, in whatever file, pins that version. */
function isPinned(text: string, { version }: { readonly version: string }): boolean {
  const pins = text.replaceAll("\0", "").matchAll(/={2,3}\s*([^\s"',;]+)/g);
  return [...pins].some((pin) => pin[1] === version);
}

/** Whether a pom.xml by itself gives the dependency that version, by no range and nothing of another file. */
function isInPom(text: string, { name, version }: { readonly name: string; readonly version: string }): boolean {
  const artifact = name.slice(name.indexOf(":") + 1);
  const isRange = text.includes(`[${version},`) || text.includes(`(${version},`);
  return text.includes(`>${artifact}<`) && text.includes(`>${version}<`) && !isRange;
}

/** Whether the file itself states the version, and not another that it has run. */
function isStated(text: string, { version }: { readonly version: string }): boolean {
  return text.includes(version);
}

/** Whether go.sum has the checksum of the module itself, and not only that of its go.mod. */
function isDownloaded(text: string, { name, version }: { readonly name: string; readonly version: string }): boolean {
  return text.includes(`${name} ${version} h1:`);
}

function one(cataloger: string, path: string, more: Partial<KindOfFile> = {}): KindOfFile {
  return { catalogers: [cataloger], path, ...more };
}

/** By the suites' names of kinds: what reads them. */
export const kindsOfFiles: ReadonlyMap<string, KindOfFile> = new Map([
  [
    "language/javascript/packagelockjson",
    one("package-lock", "package-lock.json", {
      beside: () => [{ from: "npm-shrinkwrap.json", to: "npm-shrinkwrap.json" }],
    }),
  ],
  ["nodejs/npm", one("package-lock", "package-lock.json")],
  ["language/javascript/pnpmlock", one("pnpm-lock", "pnpm-lock.yaml")],
  ["nodejs/pnpm", one("pnpm-lock", "pnpm-lock.yaml")],
  ["language/javascript/yarnlock", one("yarn-lock", "yarn.lock")],
  ["nodejs/yarn", one("yarn-lock", "yarn.lock")],
  ["language/javascript/bunlock", one("bun-lock", "bun.lock")],
  ["language/python/requirements", one("requirements", "requirements.txt", { name: pypiName, exact: isPinned })],
  ["python/pip", one("requirements", "requirements.txt", { name: pypiName, exact: isPinned })],
  ["language/python/poetrylock", one("poetry-lock", "poetry.lock", { name: pypiName })],
  ["python/poetry", one("poetry-lock", "poetry.lock", { name: pypiName })],
  ["language/python/uvlock", one("uv-lock", "uv.lock", { name: pypiName })],
  ["python/uv", one("uv-lock", "uv.lock", { name: pypiName })],
  ["language/python/pdmlock", one("pdm-lock", "pdm.lock", { name: pypiName })],
  ["language/python/pylock", one("pylock", "pylock.toml", { name: pypiName })],
  ["python/pylock", one("pylock", "pylock.toml", { name: pypiName })],
  ["language/python/pipfilelock", one("pipfile-lock", "Pipfile.lock", { name: pypiName })],
  ["python/pipenv", one("pipfile-lock", "Pipfile.lock", { name: pypiName })],
  ["language/python/pyprojecttoml", one("pyproject", "pyproject.toml", { name: pypiName, exact: isPinned })],
  ["language/python/setup", one("setup-py", "setup.py", { name: pypiName, exact: isPinned })],
  ["language/ruby/gemfilelock", one("gemfile-lock", "Gemfile.lock")],
  ["ruby/bundler", one("gemfile-lock", "Gemfile.lock")],
  ["language/php/composerlock", one("composer-lock", "composer.lock")],
  ["php/composer", one("composer-lock", "composer.lock")],
  ["language/rust/cargolock", one("cargo-lock", "Cargo.lock")],
  ["rust/cargo", one("cargo-lock", "Cargo.lock")],
  ["language/golang/gomod", one("go-mod", "go.mod", { beside: goSum })],
  // The suite names the standard library from Go 1.21 on only, the other suite always.
  ["golang/mod", one("go-mod", "go.mod", { beside: goSum, ours: (name) => name === "stdlib" })],
  ["golang/sum", one("go-mod", "go.sum", { exact: isDownloaded })],
  ["language/golang/vendormodules", one("go-vendor", "vendor/modules.txt")],
  ["language/cpp/conanlock", one("conan-lock", "conan.lock")],
  ["language/dart/pubspec", one("pubspec-lock", "pubspec.lock")],
  ["dart/pub", one("pubspec-lock", "pubspec.lock")],
  ["language/dotnet/packageslockjson", one("nuget-lock", "packages.lock.json")],
  ["nuget/lock", one("nuget-lock", "packages.lock.json")],
  ["language/dotnet/projectassetsjson", one("project-assets", "obj/project.assets.json")],
  ["language/dotnet/paketlock", one("paket-lock", "paket.lock")],
  ["language/elixir/mixlock", one("mix-lock", "mix.lock")],
  ["language/erlang/mixlock", one("mix-lock", "mix.lock")],
  ["language/r/renvlock", one("renv-lock", "renv.lock")],
  ["language/swift/packageresolved", one("swift-resolved", "Package.resolved", { name: swiftName })],
  ["swift/swift", one("swift-resolved", "Package.resolved", { name: swiftName })],
  ["language/swift/podfilelock", one("podfile-lock", "Podfile.lock")],
  ["swift/cocoapods", one("podfile-lock", "Podfile.lock")],
  ["language/java/gradlelockfile", one("gradle-lock", "gradle.lockfile")],
  ["gradle/lockfile", one("gradle-lock", "gradle.lockfile")],
  ["language/haskell/cabal", one("cabal-freeze", "cabal.project.freeze")],
  ["language/haskell/stacklock", one("stack-lock", "stack.yaml.lock")],
  ["language/julia/manifesttoml", one("julia-manifest", "Manifest.toml")],
  ["julia/manifest", one("julia-manifest", "Manifest.toml")],
  ["language/java/pomxml", one("pom-xml", "pom.xml", { exact: isInPom })],
  ["java/pom", one("pom-xml", "pom.xml", { exact: isInPom })],
  ["language/java/gradleverificationmetadataxml", one("gradle-verification", "gradle/verification-metadata.xml")],
  ["language/java/gradleversioncatalog", one("gradle-catalog", "gradle/libs.versions.toml")],
  ["language/dotnet/csproj", one("nuget-project", "app.csproj")],
  ["language/dotnet/nugetcpm", one("nuget-project", "Directory.Packages.props")],
  ["nuget/packagesprops", one("nuget-project", "Directory.Packages.props")],
  ["language/dotnet/packagesconfig", one("packages-config", "packages.config")],
  ["nuget/config", one("packages-config", "packages.config")],
  ["conda/environment", one("conda-environment", "environment.yml")],
  ["language/ruby/gemspec", one("gemspec", "app.gemspec", { exact: isStated })],
  ["ruby/gemspec", one("gemspec", "app.gemspec", { exact: isStated })],
]);
