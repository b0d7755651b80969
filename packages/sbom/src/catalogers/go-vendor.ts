import type { Cataloger } from "../cataloger.ts";
import { type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { isName, isVersion, quote } from "../read/token.ts";
import { openLines } from "../read/tree-file.ts";

/**
 * What a module of Go has copied into `vendor`: the modules of vendor/modules.txt of which packages are there.
 *
 * @see https://go.dev/ref/mod#vendoring
 */
export const goVendor: Cataloger<LockFacts> = lockCataloger({
  id: "go-vendor",
  version: 1,
  type: "golang",
  among: { names: ["modules.txt"] },
  wants: (path) => path === "vendor/modules.txt" || path.endsWith("/vendor/modules.txt"),
  open: openLines,
  collect: (lines, entries) => {
    let module: { readonly name: string; readonly version: string } | undefined;
    for (const line of lines) {
      if (line.startsWith("# ")) module = moduleOf(line.slice(2), entries);
      else if (module !== undefined && line !== "" && !line.startsWith("#")) {
        entries.add(module);
        module = undefined;
      }
    }
    return undefined;
  },
});

/** `path version`, or `path [version] => path version`; one that a directory replaces has no version. */
function moduleOf(line: string, entries: LockEntries): { readonly name: string; readonly version: string } | undefined {
  const words = line.trim().split(/\s+/);
  const arrow = words.indexOf("=>");
  const [name = "", version = "", ...rest] = arrow === -1 ? words : words.slice(arrow + 1);
  if (version === "") return undefined;
  // From version 2 on the path ends in the major version, and below it does not.
  const major = Number(/^v(\d{1,9})\./.exec(version)?.[1]);
  const inPath = /(?:\/v|^gopkg\.in\/.*\.v)(\d{1,9})$/.exec(name)?.[1];
  const fits = inPath === undefined ? major < 2 || version.endsWith("+incompatible") : Number(inPath) === major;
  if (isName(name) && isVersion(version) && fits && rest.length === 0 && /^v\d+\.\d+\.\d+/.test(version))
    return { name, version };
  entries.fault(`${quote(line)} names no module that Go takes`);
  return undefined;
}
