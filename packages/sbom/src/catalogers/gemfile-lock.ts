import type { PackageHash } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { hexHash } from "../read/integrity.ts";
import { isNamed, type LockedPackage, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { gitPlace } from "../read/git-place.ts";
import { openLines } from "../read/tree-file.ts";

/**
 * What Bundler would install: Gemfile.lock and gems.locked. Gems for several platforms are several packages.
 *
 * @see https://bundler.io/man/bundle-lock.1.html
 */
export const gemfileLock: Cataloger<LockFacts> = lockCataloger({
  id: "gemfile-lock",
  version: 1,
  type: "gem",
  among: { names: ["Gemfile.lock", "gems.locked"] },
  wants: (path) => isNamed(path, "Gemfile.lock") || isNamed(path, "gems.locked"),
  open: openLines,
  collect: (lines, entries) => {
    const checksums = checksumsOf(lines);
    for (const gem of gemsOf(lines)) {
      const hash = checksums.get(`${gem.name} (${gem.full})`);
      const { source } = gem;
      entries.add({
        name: gem.name,
        version: gem.version,
        keys: [gem.name],
        dependsOn: gem.dependsOn,
        qualifiers: { platform: gem.platform },
        hashes: hash === undefined ? undefined : [hash],
        vcs: source.kind === "GIT" ? gitPlace(source.fields.get("remote"), source.fields.get("revision")) : undefined,
        properties: source.kind === "PATH" ? { "gem:local": "true" } : undefined,
      });
    }
    return undefined;
  },
});

interface Source {
  readonly kind: string;
  readonly fields: Map<string, string>;
}

interface Gem extends Pick<LockedPackage, "name" | "version"> {
  /** The version with the platform. */
  readonly full: string;
  readonly platform: string;
  readonly dependsOn: string[];
  readonly source: Source;
}

const sources = new Set(["GEM", "GIT", "PATH", "PLUGIN SOURCE"]);

/** A source begins at the margin, its gems stand at four spaces, and what each depends on at six. */
function gemsOf(lines: readonly string[]): readonly Gem[] {
  const gems: Gem[] = [];
  let source: Source = { kind: "", fields: new Map() };
  for (const line of lines) {
    const indent = line.length - line.trimStart().length;
    const text = line.trim();
    if (indent === 0) source = { kind: text, fields: new Map() };
    if (!sources.has(source.kind)) continue;
    if (indent === 2) source.fields.set(text.split(":", 1)[0] ?? "", text.slice(text.indexOf(":") + 1).trim());
    if (indent === 4) gems.push(...gemOf(text, source));
    if (indent === 6) gems.at(-1)?.dependsOn.push(text.split(/[ !]/, 1)[0] ?? "");
  }
  return gems;
}

/** `name (version)` or `name (version-platform)`: no version of a gem holds a hyphen. */
function gemOf(text: string, source: Source): Gem[] {
  const match = /^(\S+) \(([^()]+)\)$/.exec(text);
  if (match === null) return [];
  const [, name = "", full = ""] = match;
  const [version = "", ...platform] = full.split("-");
  return [{ name, version, full, platform: platform.join("-"), dependsOn: [], source }];
}

function checksumsOf(lines: readonly string[]): ReadonlyMap<string, PackageHash> {
  const checksums = new Map<string, PackageHash>();
  for (const line of lines) {
    const match = /^ {2}(\S+ \([^()]+\)) sha256=([0-9a-f]{64})/.exec(line);
    const hash = match === null ? undefined : hexHash("sha256", match[2]);
    if (hash !== undefined) checksums.set(match?.[1] ?? "", hash);
  }
  return checksums;
}
