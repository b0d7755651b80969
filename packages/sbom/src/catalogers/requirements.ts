import type { CapturedFile } from "@sc/rootfs";
import type { Problem } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { limits } from "../limits.ts";
import { prefixedHashes } from "../read/integrity.ts";
import { lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { pinnedRequirement } from "../read/python-requirement.ts";
import { linesOf, openLines } from "../read/tree-file.ts";
import { firstOf } from "../read/cuts.ts";

/**
 * What requirements files pin to one version. Ranges and files that they include are no pins; an included file that is
 * called one is read by itself.
 *
 * @see https://pip.pypa.io/en/stable/reference/requirements-file-format/
 */
export const requirements: Cataloger<LockFacts> = lockCataloger({
  id: "requirements",
  version: 2,
  type: "pypi",
  among: { extensions: ["txt", "in"] },
  wants: (path) => {
    const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
    const isText = name.endsWith(".txt") || name.endsWith(".in");
    return isText && (name.includes("requirements") || path.includes("requirements/"));
  },
  open: openText,
  collect: (lines, entries) => {
    for (const line of joined(lines)) {
      // Nothing is pinned without one of these.
      if (!line.includes("==") && !line.includes("@")) continue;
      const text = line
        .replaceAll(/\s+/g, " ")
        .replace(/(^| )#.*$/, "")
        .trim();
      const [wanted = "", ...options] = text.split(/ (?:--(?=[a-z])|-C )/);
      const pinned = wanted.startsWith("-") ? undefined : pinnedRequirement(wanted);
      if (pinned === undefined) continue;
      const hashes = options.flatMap((option) => /^hash[=\s]\s*(\S+)$/.exec(option.trim())?.[1] ?? []);
      entries.add({ ...pinned, hashes: prefixedHashes(firstOf(hashes, limits.maxNames, "hashes of one package")) });
    }
    return undefined;
  },
});

/** pip reads UTF-16 where a byte order mark says so: Windows PowerShell writes it. */
function openText(file: CapturedFile): { readonly content: readonly string[] } | Problem {
  const start = Buffer.from(file.readAt(0, 2)).toString("hex");
  if (start !== "fffe") return openLines(file);
  const text = new TextDecoder("utf-16le").decode(file.bytes(limits.maxManifestBytes));
  return { content: linesOf(text) };
}

/** Lines that end in a backslash go on in the next. */
function* joined(lines: readonly string[]): Generator<string> {
  let parts: string[] = [];
  for (const line of lines) {
    const goesOn = line.endsWith("\\");
    parts.push(goesOn ? line.slice(0, -1) : line);
    if (goesOn) continue;
    yield parts.join(" ");
    parts = [];
  }
  if (parts.length > 0) yield parts.join(" ");
}
