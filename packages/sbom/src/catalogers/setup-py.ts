import type { Cataloger } from "../cataloger.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { pinnedRequirement } from "../read/python-requirement.ts";
import { openLines } from "../read/tree-file.ts";

/**
 * What a setup.py pins to one version: the texts in quotes that are requirements with `==`. The program is not run, and
 * what it computes is not known.
 *
 * @see https://setuptools.pypa.io/en/latest/userguide/dependency_management.html
 */
export const setupPy: Cataloger<LockFacts> = lockCataloger({
  id: "setup-py",
  version: 1,
  type: "pypi",
  among: { names: ["setup.py"] },
  wants: (path) => isNamed(path, "setup.py"),
  open: openLines,
  collect: (lines, entries) => {
    for (const line of lines) {
      for (const [quoted] of line.replace(/^\s*#.*$/, "").matchAll(/"[^"\\]*"|'[^'\\]*'/g)) {
        const text = quoted.slice(1, -1);
        const pinned = text.includes("==") ? pinnedRequirement(text) : undefined;
        if (pinned !== undefined) entries.add(pinned);
      }
    }
    return undefined;
  },
});
