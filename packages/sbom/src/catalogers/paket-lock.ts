import type { Cataloger } from "../cataloger.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { openLines } from "../read/tree-file.ts";

interface Locked {
  readonly name: string;
  readonly version: string;
  readonly type: "nuget" | "github";
  readonly keys: readonly string[];
  readonly dependsOn: string[];
}

/**
 * What Paket would restore, by paket.lock: packages of NuGet, and files of repositories on GitHub.
 *
 * @see https://fsprojects.github.io/Paket/lock-file.html
 */
export const paketLock: Cataloger<LockFacts> = lockCataloger({
  id: "paket-lock",
  version: 1,
  type: "nuget",
  among: { names: ["paket.lock"] },
  wants: (path) => isNamed(path, "paket.lock"),
  open: openLines,
  collect: (lines, entries) => {
    for (const locked of lockedOf(lines)) entries.add(locked);
    return undefined;
  },
});

interface Section {
  readonly group: string;
  readonly source: string;
  readonly remote: string;
}

/** Groups and sources begin at the margin, packages stand at four spaces, and what each depends on at six. */
function lockedOf(lines: readonly string[]): Locked[] {
  const found: Locked[] = [];
  let section: Section = { group: "", source: "", remote: "" };
  for (const line of lines) {
    const indent = line.length - line.trimStart().length;
    const text = line.trim();
    if (indent < 4) section = sectionOf(text, section);
    if (indent === 4) found.push(...packageOf(text, section));
    if (indent === 6) found.at(-1)?.dependsOn.push(keyOf(text.split(" ", 1)[0] ?? "", section));
  }
  return found;
}

function sectionOf(text: string, section: Section): Section {
  if (text.startsWith("remote:")) return { ...section, remote: text.slice("remote:".length).trim() };
  if (text.startsWith("GROUP ")) return { group: text, source: "", remote: "" };
  return text === "" || text.includes(":") ? section : { ...section, source: text };
}

function keyOf(name: string, { group }: Section): string {
  return `${group}\n${name.toLowerCase()}`;
}

function packageOf(text: string, section: Section): Locked[] {
  const match = /^(\S+) \(([^()\s]+)\)/.exec(text);
  if (match === null || !["NUGET", "GITHUB"].includes(section.source)) return [];
  const isGithub = section.source === "GITHUB";
  const name = isGithub ? section.remote : (match[1] ?? "");
  const keys = [keyOf(name, section)];
  return [{ name, version: match[2] ?? "", type: isGithub ? "github" : "nuget", keys, dependsOn: [] }];
}
