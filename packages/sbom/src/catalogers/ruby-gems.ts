import { formatPurl } from "@sc/model";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { limits } from "../limits.ts";
import { Copies } from "../read/copies.ts";
import { type Gemspec, parseGemspec } from "../read/gemspec.ts";
import { malformed, tooLarge } from "../read/too-large.ts";
import { publicUrl } from "../read/url.ts";

/** Gems that are installed, by the specifications that RubyGems and Bundler write beside them. */
export const rubyGems: Cataloger<Gemspec> = {
  id: "ruby-gems",
  version: 1,
  evidence: "installed",
  wants: (file) => file.path.endsWith(".gemspec") && /(?:^|\/)specifications\//.test(file.path),
  read: (file) => {
    const large = tooLarge(file, limits.maxManifestBytes);
    if (large !== undefined) return large;
    const gem = parseGemspec(file.text(limits.maxManifestBytes));
    return typeof gem === "string" ? malformed(file, gem) : gem;
  },
  *catalog(found) {
    const copies = new Copies((path) => path.slice(0, path.indexOf("specifications/")));
    for (const [path, gem] of found) copies.add(gem.name, path);
    for (const [path, gem] of found) yield packageOf(gem, path, copies);
  },
};

function packageOf(gem: Gemspec, path: string, copies: Copies): FoundPackage {
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
    dependsOnPaths: copies.allMeant(gem.requires, path),
  });
}
