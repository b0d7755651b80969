import type { LockedPackage } from "./lock-file.ts";
import { normalizePythonName } from "./python-metadata.ts";

/** Name and what follows the extras of a requirement: a name ends with a letter or a digit. */
function splitRequirement(text: string): { readonly name: string; readonly rest: string } | undefined {
  const word = /^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(text)?.[0];
  if (word === undefined) return undefined;
  let end = word.length;
  while ("._-".includes(word.charAt(end - 1))) end -= 1;
  return {
    name: word.slice(0, end),
    rest: text
      .slice(end)
      .trimStart()
      .replace(/^\[[^\]]*\]/, "")
      .trimStart(),
  };
}

/** What a version consists of, old ones that no rule holds for included; a template or a wildcard is none. */
const pinnedVersion = /^[A-Za-z0-9][A-Za-z0-9._+!-]*$/;

/**
 * The package that a requirement pins: by `==` or `===` without a wildcard, or by a commit. One with bounds only, or
 * with a variable in it, leaves the version open: `undefined`.
 *
 * @see https://packaging.python.org/en/latest/specifications/dependency-specifiers/
 */
export function pinnedRequirement(text: string): LockedPackage | undefined {
  const split = splitRequirement(text.trim());
  if (split === undefined) return undefined;
  const { name } = split;
  const rest = split.rest.split(";", 1)[0]?.trim() ?? "";
  if (rest.startsWith("@")) return fromCommit(name, rest.slice(1).trim());
  // Some write a comment right behind the version, which has no such sign in it.
  for (const specifier of (rest.split("#", 1)[0] ?? "").replace(/^\((.*)\)$/, "$1").split(",")) {
    const version = /^\s*={2,3}\s*([^\s=]+)\s*$/.exec(specifier)?.[1];
    if (version !== undefined && pinnedVersion.test(version)) return { name, version };
  }
  return undefined;
}

function fromCommit(name: string, place: string): LockedPackage | undefined {
  const match = /^git\+(?:https?|ssh|git):\/\/(?:[^@/\s]*@)?([^@\s]+)@([0-9a-f]{40})(?:#\S*)?$/.exec(place);
  const version = match?.[2];
  return version === undefined ? undefined : { name, version, vcs: `git+https://${match?.[1] ?? ""}@${version}` };
}

/** The key by which the entries of one lock file of Python name each other. */
export function pythonKey(text: string): string {
  return normalizePythonName(splitRequirement(text.trim())?.name ?? text);
}
