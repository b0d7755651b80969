import { formatPurl, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { limits } from "../limits.ts";
import { parseRockspec, type Rockspec } from "../read/rockspec.ts";
import { isName, isVersion } from "../read/token.ts";
import { tooLarge } from "../read/too-large.ts";
import { publicUrl } from "../read/url.ts";

/** What a file in the folder of a rock says of it: its manifest nothing, its specification this. */
interface RockFacts {
  readonly specification?: Rockspec;
}

/**
 * Lua rocks that are installed, by the manifests that LuaRocks writes and the specifications that it keeps; the folder says
 * which rock it is.
 */
export const luaRocks: Cataloger<RockFacts> = {
  id: "lua-rocks",
  version: 2,
  evidence: "installed",
  among: { names: ["rock_manifest"], extensions: ["rockspec"] },
  wants: ({ path }) => (path.endsWith("/rock_manifest") || path.endsWith(".rockspec")) && place.test(path),
  read: readFile,
  *catalog(found) {
    const rocks = new Map<string, { readonly paths: string[]; specification?: Rockspec }>();
    for (const [path, { specification }] of found) {
      const folder = path.slice(0, path.lastIndexOf("/"));
      const rock = rocks.get(folder) ?? { paths: [] };
      rocks.set(folder, rock);
      rock.paths.push(path);
      if (specification !== undefined) rock.specification = specification;
    }
    for (const { paths, specification } of rocks.values()) yield* packagesAt(paths, specification);
  },
};

const place = /(?:^|\/)rocks(?:-\d+\.\d+)?\/([^/]+)\/([^/]+)\/(?:rock_manifest|[^/]+\.rockspec)$/;

/** Whether a specification lies in a tree of rocks that are installed. */
export function inRocksTree(path: string): boolean {
  return place.test(path);
}

function readFile(file: CapturedFile): RockFacts | Problem {
  if (!file.path.endsWith(".rockspec")) return {};
  const large = tooLarge(file, limits.maxWrittenBytes);
  return large ?? { specification: parseRockspec(file.text(limits.maxWrittenBytes)) };
}

function* packagesAt(paths: readonly string[], said: Rockspec | undefined): Generator<FoundPackage> {
  const [, name, version] = place.exec(paths[0] ?? "") ?? [];
  if (!isName(name) || !isVersion(version)) return;
  const tree = paths[0]?.slice(0, paths[0].lastIndexOf(`/${name}/${version}/`)) ?? "";
  // Rocks of one tree are no dependencies of those in another.
  const key = (one: string): string => `${tree}\n${one}`;
  yield defined<FoundPackage>({
    kind: "package",
    type: "luarocks",
    name,
    version,
    purl: formatPurl({ type: "luarocks", name, version }),
    paths,
    licenses: readLicenses(said?.licenses ?? []),
    description: said?.summary,
    homepage: publicUrl(said?.homepage),
    downloadLocation: publicUrl(said?.url),
    dependsOn: said === undefined || said.requires.length === 0 ? undefined : said.requires.map(key),
    provides: [key(name)],
  });
}
