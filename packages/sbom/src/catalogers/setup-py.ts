import type { Cataloger } from "../cataloger.ts";
import { limits } from "../limits.ts";
import { isNamed, lockCataloger, type LockEntries, type LockFacts } from "../read/lock-file.ts";
import { pinnedRequirement } from "../read/python-requirement.ts";
import { openLines } from "../read/tree-file.ts";

/**
 * What a setup.py pins to one version: the texts in quotes that are requirements with `==`, and the words of a text of
 * several lines that is split at once. The program is not run, and what it computes is not known.
 *
 * @see https://setuptools.pypa.io/en/latest/userguide/dependency_management.html
 */
export const setupPy: Cataloger<LockFacts> = lockCataloger({
  id: "setup-py",
  version: 2,
  type: "pypi",
  among: { names: ["setup.py"] },
  maxBytes: limits.maxWrittenBytes,
  wants: (path) => isNamed(path, "setup.py"),
  open: openLines,
  collect: (lines, entries) => {
    let words: string[] | undefined;
    for (const line of lines) {
      const [before = "", ...after] = line.split(/"""|'''/, 3);
      if (after.length === 1) {
        // Only a text that is taken apart where it stands is a list.
        if (words !== undefined && after[0]?.startsWith(".split(") === true) addPinned([...words, before], entries);
        words = words === undefined ? after : undefined;
        continue;
      }
      if (words !== undefined) {
        words.push(line);
        continue;
      }
      for (const [quoted] of line.replace(/^\s*#.*$/, "").matchAll(/"[^"\\]*"|'[^'\\]*'/g)) {
        addPinned([quoted.slice(1, -1)], entries);
      }
    }
    return undefined;
  },
});

function addPinned(texts: readonly string[], entries: LockEntries): void {
  for (const text of texts) {
    const pinned = text.includes("==") ? pinnedRequirement(text) : undefined;
    if (pinned !== undefined) entries.add(pinned);
  }
}
