/** What one purl type demands of its parts beyond the general syntax. */
export interface PurlTypeRules {
  readonly namespace?: "required" | "prohibited";
  /** The parts that are not case sensitive and are written in lower case. */
  readonly lowerCase?: readonly ("namespace" | "name" | "version")[];
  /** The name in canonical form, from the name in lower case where that is demanded. */
  readonly name?: (name: string, qualifiers: Readonly<Record<string, string>>) => string;
  /** The version in canonical form. */
  readonly version?: (version: string) => string;
  /** Whether the parts may stand together. */
  readonly accepts?: (name: string, version: string | undefined) => boolean;
  /** Whether the namespace is the first segment alone and the name all that follow. */
  readonly nameHasSlashes?: boolean;
}

const both = ["namespace", "name"] as const;

function pubName(name: string): string {
  return name.replaceAll(/[^a-z0-9_]/g, "_");
}

function pypiName(name: string): string {
  return name.replaceAll("_", "-");
}

// Commits are not case sensitive; branches and tags, of which a version may be one, are.
function commitVersion(version: string): string {
  return /^[0-9a-f]{40}$/i.test(version) ? version.toLowerCase() : version;
}

// Azure Databricks registries are not case sensitive, Azure ML's are: the same type, told by its registry.
function mlflowName(name: string, qualifiers: Readonly<Record<string, string>>): string {
  return (qualifiers["repository_url"] ?? "").includes("azuredatabricks.") ? name.toLowerCase() : name;
}

function isChromeExtension(name: string, version: string | undefined): boolean {
  return /^[a-p]{32}$/.test(name) && (version === undefined || /^\d+(\.\d+){0,3}$/.test(version));
}

/**
 * The rules of the registered types, from the type definitions of the purl specification.
 *
 * A namespace that a definition calls required is not demanded of deb, rpm, apk, alpm, golang, maven, composer and
 * qpkg: documents in the wild leave it out (`pkg:golang/stdlib`), and refusing them would lose the package.
 */
export const purlTypes: ReadonlyMap<string, PurlTypeRules> = new Map<string, PurlTypeRules>([
  ["alpm", { lowerCase: both }],
  ["apk", { lowerCase: both }],
  ["bazel", { namespace: "prohibited" }],
  ["bitbucket", { namespace: "required", lowerCase: both }],
  ["bitnami", { namespace: "prohibited", lowerCase: ["name"] }],
  ["brew", { lowerCase: both }],
  ["cargo", { namespace: "prohibited" }],
  ["chrome-extension", { namespace: "prohibited", lowerCase: ["name"], accepts: isChromeExtension }],
  ["cocoapods", { namespace: "prohibited" }],
  ["composer", { lowerCase: both }],
  ["conda", { namespace: "prohibited" }],
  ["cpan", { accepts: (name) => !name.includes("::") }],
  ["cran", { namespace: "prohibited" }],
  ["deb", { lowerCase: both }],
  ["gem", { namespace: "prohibited" }],
  ["git", { namespace: "required", nameHasSlashes: true }],
  ["github", { namespace: "required", lowerCase: both }],
  ["hackage", { namespace: "prohibited" }],
  ["hex", { lowerCase: both }],
  ["huggingface", { namespace: "required", version: commitVersion }],
  ["julia", { namespace: "prohibited" }],
  ["luarocks", { lowerCase: both }],
  ["mlflow", { namespace: "prohibited", name: mlflowName }],
  ["nuget", { namespace: "prohibited" }],
  ["oci", { namespace: "prohibited", lowerCase: ["name", "version"] }],
  ["opam", { namespace: "prohibited" }],
  ["otp", { namespace: "prohibited", lowerCase: ["name"] }],
  ["pub", { namespace: "prohibited", lowerCase: ["name"], name: pubName }],
  ["pypi", { namespace: "prohibited", lowerCase: ["name"], name: pypiName }],
  ["qpkg", { lowerCase: ["namespace"] }],
  ["rpm", { lowerCase: ["namespace"] }],
  ["swift", { namespace: "required" }],
  ["vcpkg", { namespace: "prohibited" }],
  ["vscode-extension", { namespace: "required", lowerCase: ["namespace", "name", "version"] }],
  ["yocto", { lowerCase: ["namespace"] }],
]);
