import type { Cataloger } from "../cataloger.ts";
import { limits } from "../limits.ts";
import { lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { parseRockspec } from "../read/rockspec.ts";
import { inRocksTree } from "./lua-rocks.ts";

/**
 * The rock that a project's own .rockspec describes, as gemspecs do gems. Those in a tree of rocks are of what is installed
 * there. Lua is read and never run.
 *
 * @see https://github.com/luarocks/luarocks/blob/main/docs/rockspec_format.md
 */
export const rockspec: Cataloger<LockFacts> = lockCataloger({
  id: "rockspec",
  version: 1,
  type: "luarocks",
  among: { extensions: ["rockspec"] },
  maxBytes: limits.maxWrittenBytes,
  wants: (path) => path.endsWith(".rockspec") && !inRocksTree(path),
  open: (file) => ({ content: file.text(limits.maxWrittenBytes) }),
  collect: (text, entries) => {
    const { name, version, licenses, summary, homepage, url, requires } = parseRockspec(text);
    // LuaRocks' own scaffold and templates have the version put in when they are released.
    if (name === undefined || version === undefined) return "no package and version that the file itself states";
    entries.add({ name, version, licenses, description: summary, homepage, url, dependsOn: requires, keys: [name] });
    return undefined;
  },
});
