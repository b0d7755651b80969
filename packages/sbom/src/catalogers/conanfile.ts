import type { Cataloger } from "../cataloger.ts";
import { limits } from "../limits.ts";
import { addConanReference } from "../read/conan-reference.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { openLines } from "../read/tree-file.ts";

/**
 * What a conanfile.txt or conanfile.py requires at one version: references in text, of Python those in quotes where
 * something is required. Ranges are left out, and nothing is run.
 *
 * @see https://docs.conan.io/2/reference/conanfile_txt.html
 */
export const conanfile: Cataloger<LockFacts> = lockCataloger({
  id: "conanfile",
  version: 1,
  type: "conan",
  among: { names: ["conanfile.txt", "conanfile.py"] },
  maxBytes: limits.maxWrittenBytes,
  wants: (path) => isNamed(path, "conanfile.txt") || isNamed(path, "conanfile.py"),
  open: (file) => {
    const opened = openLines(file);
    return "kind" in opened ? opened : { content: { lines: opened.content, isProgram: file.path.endsWith(".py") } };
  },
  collect: ({ lines, isProgram }, entries) => {
    if (isProgram) collectCalls(lines, entries);
    else collectSections(lines, entries);
    return undefined;
  },
});

/** `[requires]`, and what is needed to build and to test alone. */
const sections: ReadonlyMap<string, string | undefined> = new Map([
  ["requires", undefined],
  ["build_requires", "build"],
  ["tool_requires", "build"],
  ["test_requires", "test"],
]);

function collectSections(lines: readonly string[], entries: LockEntries): void {
  let section = "";
  for (const line of lines) {
    const text = line.trim();
    const heading = /^\[([a-z_]+)\]/.exec(text)?.[1];
    if (heading !== undefined) section = heading;
    else if (sections.has(section) && text !== "" && !text.startsWith("#"))
      addText(text.split(/\s#/, 1)[0] ?? "", sections.get(section), entries);
  }
}

/** `requires = "a/1", "b/2"`, a list or tuple over several lines, and `self.requires("a/1", …)`. */
function collectCalls(lines: readonly string[], entries: LockEntries): void {
  let open: Assigned | undefined;
  for (const line of lines) {
    const code = line.replace(/^\s*#.*$/, "");
    const called = /\bself\.(\w+)\(/.exec(code)?.[1] ?? "";
    if (sections.has(called)) addText(quotedIn(code)[0] ?? "", sections.get(called), entries);
    else {
      open = assignedIn(code) ?? open;
      if (open === undefined) continue;
      for (const text of quotedIn(code)) addText(text, open.scope, entries);
      if (code.includes(open.end)) open = undefined;
    }
  }
}

interface Assigned {
  readonly scope: string | undefined;
  /** What ends the list; nothing where it is on one line. */
  readonly end: string;
}

function assignedIn(code: string): Assigned | undefined {
  const [, name = "", bracket = ""] = /^\s+(\w+)\s*=\s*([[(]?)/.exec(code) ?? [];
  return sections.has(name) ? { scope: sections.get(name), end: ends.get(bracket) ?? "" } : undefined;
}

const ends: ReadonlyMap<string, string> = new Map([
  ["[", "]"],
  ["(", ")"],
]);

function quotedIn(code: string): readonly string[] {
  return Array.from(code.matchAll(/"([^"\\]*)"|'([^'\\]*)'/g), ([, double, single]) => double ?? single ?? "");
}

/** Ranges stand in square brackets; what has braces is put together when the program runs. */
function addText(text: string, scope: string | undefined, entries: LockEntries): void {
  if (!/[[\]{}]/.test(text) && text.includes("/")) addConanReference(text.trim(), { scope }, entries);
}
