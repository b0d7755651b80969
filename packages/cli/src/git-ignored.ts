import { lstat, readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";

/**
 * Whether git would offer what lies in a folder for a commit. `false` outside of a checkout, and where a `.gitignore`
 * above the folder or in it names the folder, one that holds it, or everything. Patterns with wildcards are not read:
 * where only such a one covers the folder, or a later line takes something back, the answer is `true`.
 *
 * @see https://git-scm.com/docs/gitignore
 */
export async function isSeenByGit(folder: string): Promise<boolean> {
  const root = await checkoutOf(folder);
  if (root === undefined) return false;
  const files = [join(root, ".git/info/exclude")];
  for (let at = folder; ; at = dirname(at)) {
    files.push(join(at, ".gitignore"));
    if (at === root) break;
  }
  for (const file of files) {
    const from = file.endsWith(".gitignore") ? dirname(file) : root;
    if (covers(await readText(file), relative(from, folder).split(sep))) return false;
  }
  return true;
}

function covers(text: string, parts: readonly string[]): boolean {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  // Of a file in the folder itself only `*` covers all that is written there.
  const prefixes = new Set(parts.map((_, index) => parts.slice(0, index + 1).join("/")));
  const isNamed = (line: string): boolean => {
    const name = line.replace(/\/$/, "");
    return name === "*" || prefixes.has(name.replace(/^\//, "")) || (!name.includes("/") && parts.includes(name));
  };
  return lines.some(isNamed) && !lines.some((line) => line.startsWith("!") && line !== "!.gitignore");
}

async function checkoutOf(folder: string): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await lstat(join(at, ".git")).catch(() => undefined);
    if (found !== undefined) return at;
    if (dirname(at) === at) return undefined;
  }
}

async function readText(file: string): Promise<string> {
  return await readFile(file, "utf8").catch(() => "");
}
