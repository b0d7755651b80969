import { formatPurl } from "@sc/model";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { isName, isVersion } from "../read/token.ts";

/** Lua rocks that are installed, by the manifests that LuaRocks writes; folder and file say which rock it is. */
export const luaRocks: Cataloger<{ readonly rock: true }> = {
  id: "lua-rocks",
  version: 1,
  evidence: "installed",
  among: { names: ["rock_manifest"] },
  wants: (file) => file.path.endsWith("/rock_manifest") && place.test(file.path),
  read: () => ({ rock: true }),
  *catalog(found) {
    for (const path of found.keys()) yield* packagesAt(path);
  },
};

const place = /\/rocks(?:-\d+\.\d+)?\/([^/]+)\/([^/]+)\/rock_manifest$/;

function* packagesAt(path: string): Generator<FoundPackage> {
  const [, name, version] = place.exec(path) ?? [];
  if (!isName(name) || !isVersion(version)) return;
  const purl = formatPurl({ type: "luarocks", name, version });
  yield { kind: "package", type: "luarocks", name, version, purl, paths: [path], licenses: [] };
}
