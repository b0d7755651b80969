import { Decoder, type Package, parseJson } from "@sc/model";
import { isVersionedByConstant } from "./language-rules.ts";

/** How the suites' files of one kind are read: they have other names there than a project gives them. */
export interface KindOfFile {
  readonly catalogers: readonly string[];
  /** The name that the format's own tool gives the file. */
  readonly path: string;
  /** Files that lie beside one of that name, and the names they have for the tool. */
  readonly beside?: (file: string) => readonly { readonly from: string; readonly to: string }[];
  /** Set where rows name less than the suite expects: what we list beside has to be stated by the file itself. */
  readonly whole?: false;
  /** The name as the ecosystem compares names. */
  readonly name?: (name: string) => string;
  readonly version?: (version: string) => string;
  /** What we list by choice where the suite does not; `text` is of the file and of what lies beside it. */
  readonly ours?: (entry: Package, text: string) => boolean;
  /**
   * Whether the text pins exactly that version; a peer takes the bound of a range for the version, and we do not. `text`
   * is of the file and of what lies beside it.
   */
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

interface Named {
  readonly name: string;
  readonly version: string;
}

/**
 * Whether a pom.xml by itself has the dependency and gives it that version, by no range and nothing of another file: what
 * it only manages may be a dependency of a dependency, whose pom.xml is not among the data.
 */
function isInPom(text: string, { name, version }: Named): boolean {
  const artifact = name.slice(name.indexOf(":") + 1);
  const own = text.replaceAll(/<dependencyManagement>[^]*?<\/dependencyManagement>/g, "");
  const isRange = text.includes(`[${version},`) || text.includes(`(${version},`);
  const blocks = text.match(/<dependency>[^]*?<\/dependency>/g)?.filter((block) => block.includes(`>${artifact}<`));
  const isGiven = blocks?.some((block) => block.includes("<version>")) === true;
  return own.includes(`>${artifact}<`) && isGiven && text.includes(`>${version}<`) && !isRange;
}

/** Whether one line of the text has both name and version. */
function isOnOneLine(text: string, { name, version }: Named): boolean {
  return text.split("\n").some((line) => line.includes(name) && line.includes(version));
}

/** A module that neither go.mod nor the go.sum beside it names is known to the suite from elsewhere. */
function isInGoFiles(text: string, { name }: Named): boolean {
  return name === "stdlib" || text.includes(`${name} `);
}

/** A module that a directory replaces is code of the project, and its version nobody's. */
function isNotReplacedByFolder(text: string, { name, version }: Named): boolean {
  return !text.includes(`# ${name} v${version.replace(/^v/, "")} => ./`);
}

/** A component without its group or its name is no artifact; that is a problem of the file. */
function hasBothParts(_: string, { name }: Named): boolean {
  return /^[^:]+:[^:]+$/.test(name);
}

/** The suite lists what comes from CRAN alone; a package from elsewhere is installed like the others. */
function isNotOfCran({ name, version }: Package, text: string): boolean {
  const record = new RegExp(`"${name}": \\{[^}]*"Version": "${version}"[^}]*\\}`).exec(text)?.[0];
  return record !== undefined && !record.includes('"Repository": "CRAN"');
}

/** The suite leaves out what yarn takes from version control; it has a version of its own and a commit. */
function isOfRepository({ name, version, purl }: Package, text: string): boolean {
  return purl.includes("vcs_url=") && text.includes(name) && text.includes(`version "${version}"`);
}

/**
 * What lies in the project's own folders is listed, marked as such; some rows want it and others do not. The lock file
 * has to hold that name and that version together, for a folder outside of node_modules.
 */
function isLocal({ name, version, properties }: Package, text: string): boolean {
  // What lies beside the file is behind it, and begins with a brace at the margin too.
  const packages = new Decoder(parseJson(text.split("\n{", 1)[0] ?? "", "lock"), "lock").member("packages");
  const places = packages.absent ? [] : Object.keys(packages.object());
  const stated = (place: string, member: string): string | undefined =>
    packages
      .member(place)
      .member(member)
      .optional((value) => value.string());
  const links = places.filter((place) => place.endsWith(`node_modules/${name}`));
  const linked = new Set(links.map((place) => stated(place, "resolved")));
  return places.some((place) => {
    const own = stated(place, "name") ?? place.slice(place.lastIndexOf("/") + 1);
    const isFolder = !place.includes("node_modules/") && (own === name || linked.has(place));
    return properties?.["npm:local"] === "true" && isFolder && stated(place, "version") === version;
  });
}

/** Whether a specification of a gem states its version, and no file of Ruby that it has run. */
function isInSpecification(text: string, { name }: Named): boolean {
  return !isVersionedByConstant(text, name);
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
      ours: isLocal,
      beside: () => [{ from: "npm-shrinkwrap.json", to: "npm-shrinkwrap.json" }],
    }),
  ],
  ["nodejs/npm", one("package-lock", "package-lock.json", { ours: isLocal })],
  ["language/javascript/pnpmlock", one("pnpm-lock", "pnpm-lock.yaml")],
  ["nodejs/pnpm", one("pnpm-lock", "pnpm-lock.yaml")],
  ["language/javascript/yarnlock", one("yarn-lock", "yarn.lock")],
  ["nodejs/yarn", one("yarn-lock", "yarn.lock", { ours: isOfRepository })],
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
  ["language/golang/gomod", one("go-mod", "go.mod", { beside: goSum, exact: isInGoFiles })],
  // The suite names the standard library from Go 1.21 on only, the other suite always; its parser reads go.mod alone.
  ["golang/mod", one("go-mod", "go.mod", { ours: ({ name }) => name === "stdlib" })],
  ["golang/sum", one("go-mod", "go.sum", { exact: isDownloaded })],
  ["language/golang/vendormodules", one("go-vendor", "vendor/modules.txt", { exact: isNotReplacedByFolder })],
  ["language/cpp/conanlock", one("conan-lock", "conan.lock")],
  ["language/dart/pubspec", one("pubspec-lock", "pubspec.lock")],
  ["dart/pub", one("pubspec-lock", "pubspec.lock")],
  ["language/dotnet/packageslockjson", one("nuget-lock", "packages.lock.json")],
  ["nuget/lock", one("nuget-lock", "packages.lock.json")],
  ["language/dotnet/projectassetsjson", one("project-assets", "obj/project.assets.json")],
  ["language/dotnet/paketlock", one("paket-lock", "paket.lock")],
  ["language/elixir/mixlock", one("mix-lock", "mix.lock")],
  ["language/erlang/mixlock", one("mix-lock", "mix.lock")],
  ["language/r/renvlock", one("renv-lock", "renv.lock", { ours: isNotOfCran })],
  ["language/swift/packageresolved", one("swift-resolved", "Package.resolved", { name: swiftName })],
  ["swift/swift", one("swift-resolved", "Package.resolved", { name: swiftName })],
  ["language/swift/podfilelock", one("podfile-lock", "Podfile.lock")],
  ["swift/cocoapods", one("podfile-lock", "Podfile.lock")],
  ["c/conan", one("conan-lock", "conan.lock")],
  ["hex/mix", one("mix-lock", "mix.lock")],
  ["nodejs/bun", one("bun-lock", "bun.lock")],
  ["sbt/lockfile", one("sbt-lock", "build.sbt.lock")],
  ["misc/githubactions", one("github-actions", ".github/workflows/ci.yml")],
  ["language/java/gradlelockfile", one("gradle-lock", "gradle.lockfile")],
  ["gradle/lockfile", one("gradle-lock", "gradle.lockfile")],
  ["language/haskell/cabal", one("cabal-freeze", "cabal.project.freeze")],
  ["language/haskell/stacklock", one("stack-lock", "stack.yaml.lock")],
  ["language/julia/manifesttoml", one("julia-manifest", "Manifest.toml")],
  ["julia/manifest", one("julia-manifest", "Manifest.toml")],
  ["language/java/pomxml", one("pom-xml", "pom.xml", { exact: isInPom })],
  ["java/pom", one("pom-xml", "pom.xml", { exact: isInPom, whole: false })],
  [
    "language/java/gradleverificationmetadataxml",
    one("gradle-verification", "gradle/verification-metadata.xml", { exact: hasBothParts }),
  ],
  ["language/java/gradleversioncatalog", one("gradle-catalog", "gradle/libs.versions.toml")],
  ["language/dotnet/csproj", one("nuget-project", "app.csproj")],
  ["language/dotnet/nugetcpm", one("nuget-project", "Directory.Packages.props")],
  ["nuget/packagesprops", one("nuget-project", "Directory.Packages.props")],
  ["language/dotnet/packagesconfig", one("packages-config", "packages.config")],
  ["nuget/config", one("packages-config", "packages.config")],
  ["conda/environment", one("conda-environment", "environment.yml", { exact: isOnOneLine, whole: false })],
  ["language/ruby/gemspec", one("gemspec", "app.gemspec", { exact: isInSpecification })],
  ["ruby/gemspec", one("gemspec", "app.gemspec", { exact: isInSpecification })],
]);
