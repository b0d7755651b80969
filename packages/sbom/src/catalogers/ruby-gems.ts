import { formatPurl } from "@sc/model";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { limits } from "../limits.ts";
import { chosenGem } from "../read/gem-version.ts";
import { type GemRequirement, type Gemspec, parseGemspec } from "../read/gemspec.ts";
import { malformed, tooLarge } from "../read/too-large.ts";
import { publicUrl } from "../read/url.ts";

/** Gems that are installed, by the specifications that RubyGems and Bundler write beside them. */
export const rubyGems: Cataloger<Gemspec> = {
  id: "ruby-gems",
  version: 2,
  evidence: "installed",
  among: { extensions: ["gemspec"] },
  wants: (file) => file.path.endsWith(".gemspec") && /(?:^|\/)specifications\//.test(file.path),
  read: (file) => {
    const large = tooLarge(file, limits.maxManifestBytes);
    if (large !== undefined) return large;
    const gem = parseGemspec(file.text(limits.maxManifestBytes));
    return typeof gem === "string" ? malformed(file, gem) : gem;
  },
  *catalog(found) {
    const copies = Map.groupBy(
      [...found].map(([path, gem]) => ({ path, home: homeOf(path), name: gem.name, version: gem.version })),
      ({ name }) => name,
    );
    for (const [path, gem] of found) yield packageOf(gem, path, copies);
  },
};

/** One installed version of a gem. */
interface GemCopy {
  readonly path: string;
  readonly home: string;
  readonly version: string;
}

/** The directory of gems that a specification lies in, as RubyGems' `GEM_HOME` names one. */
function homeOf(path: string): string {
  return path.slice(0, path.indexOf("specifications/"));
}

/** Copies of one gem that are compared: no image seen has more than five. */
const maxCopies = 32;

/** The copy that a gem needs: of those in its own directory, else of those in the only other one that has the gem. */
function copyFor({ name, conditions }: GemRequirement, from: string, copies: ReadonlyMap<string, GemCopy[]>): string[] {
  const all = copies.get(name)?.slice(0, maxCopies) ?? [];
  const beside = chosenGem(
    all.filter(({ home }) => home === homeOf(from)),
    conditions,
  );
  const alone = new Set(all.map(({ home }) => home)).size === 1;
  const path = (beside ?? (alone ? chosenGem(all, conditions) : undefined))?.path;
  return path === undefined || path === from ? [] : [path];
}

function packageOf(gem: Gemspec, path: string, copies: ReadonlyMap<string, GemCopy[]>): FoundPackage {
  const { name, version, platform } = gem;
  return defined<FoundPackage>({
    kind: "package",
    type: "gem",
    name,
    version,
    purl: formatPurl({
      type: "gem",
      name,
      version,
      qualifiers: platform === undefined ? undefined : { platform },
    }),
    paths: [path],
    licenses: readLicenses(gem.licenses),
    supplier: gem.authors,
    description: gem.summary,
    homepage: publicUrl(gem.homepage),
    properties: someProperties({ "gem:default": path.includes("specifications/default/") ? "true" : undefined }),
    dependsOnPaths: gem.requires.flatMap((required) => copyFor(required, path, copies)),
  });
}
