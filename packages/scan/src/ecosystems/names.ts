import type { Package } from "@sc/model";

/** What is compared of a package: the name and version that the ecosystem's advisories speak of. */
export interface ComparedPackage {
  readonly name: string;
  readonly version: string;
}

/** The name as it is: upper and lower case differ. */
export function unchanged(name: string): string {
  return name;
}

/** The name in lower case, for registries that take both for the same. */
export function lowerCase(name: string): string {
  return name.toLowerCase();
}

/** The name of a Python project, as PEP 503 normalises it. */
export function normalizePython(name: string): string {
  const lower = name.toLowerCase();
  return /[_.]|--/.test(lower) ? lower.replaceAll(/[-_.]+/g, "-") : lower;
}

/** A Swift package's address without scheme and ending: `github.com/apple/swift-nio`. */
export function normalizeSwift(name: string): string {
  return name
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/\.git$/, "");
}

/** For ecosystems whose advisories name the package itself. */
export function byPackage({ name, version }: Package): readonly ComparedPackage[] {
  return [{ name, version }];
}

// What Gem::Platform writes: processor, system and its version or C library, or one word for a virtual machine.
const gemPlatform =
  /-(?:(?:x86(?:_64)?|x64|i[3-6]86|arm(?:v\d\w*|64)?|aarch64|universal|powerpc(?:64le)?|ppc\w*|s390x?|riscv64|sparc)(?:-.+)?|java|jruby|dalvik|ms(?:win|wasi)\w*|mingw\w*)$/;

/**
 * For RubyGems: documents of other tools give a gem that was built for one platform by its lock file's text, version and
 * platform (`1.19.3-x86_64-linux`), where Gem::Version would read a prerelease.
 */
export function byGem({ name, version }: Package): readonly ComparedPackage[] {
  return [{ name, version: version.replace(gemPlatform, "") }];
}

/** For distributions whose advisories name source packages, in whose versions they also speak. */
export function bySource(found: Package): readonly ComparedPackage[] {
  return [sourceOf(found)];
}

/** For distributions whose advisories name either: the package itself, and the one that it was built from. */
export function byPackageOrSource(found: Package): readonly ComparedPackage[] {
  const { name, version } = found;
  const source = sourceOf(found);
  return source.name === name ? [{ name, version }] : [{ name, version }, source];
}

function sourceOf({ type, name, version, source }: Package): ComparedPackage {
  const own = source?.version ?? version;
  // The file name of a source rpm leaves its epoch out; it is that of what is built from it but for rare exceptions.
  const epoch = type === "rpm" && !own.includes(":") ? /^\d+:/.exec(version)?.[0] : undefined;
  return { name: source?.name ?? name, version: `${epoch ?? ""}${own}` };
}
