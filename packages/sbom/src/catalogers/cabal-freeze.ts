import type { Cataloger } from "../cataloger.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { openLines } from "../read/tree-file.ts";

/**
 * What cabal builds with, by cabal.project.freeze: constraints of the form `any.name ==version`.
 *
 * @see https://cabal.readthedocs.io/en/stable/cabal-commands.html#cabal-freeze
 */
export const cabalFreeze: Cataloger<LockFacts> = lockCataloger({
  id: "cabal-freeze",
  version: 1,
  type: "hackage",
  among: { names: ["cabal.project.freeze"] },
  wants: (path) => isNamed(path, "cabal.project.freeze"),
  open: openLines,
  collect: (lines, entries) => {
    for (const line of lines) {
      if (!line.includes("any.")) continue;
      const match = /(?:^|[\s:,])any\.([A-Za-z0-9-]+) ?==([0-9.]+)/.exec(line.split("--", 1)[0] ?? "");
      if (match !== null) entries.add({ name: match[1] ?? "", version: match[2] ?? "" });
    }
    return undefined;
  },
});
