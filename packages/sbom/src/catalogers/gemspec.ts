import type { Cataloger } from "../cataloger.ts";
import { noteCut } from "../read/cuts.ts";
import { limits } from "../limits.ts";
import { lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { openLines } from "../read/tree-file.ts";

/**
 * The gem that a project's own .gemspec describes, when it states name and version in the file itself. Installed gems
 * have theirs in `specifications`. Ruby is read and never run.
 *
 * @see https://guides.rubygems.org/specification-reference/
 */
export const gemspec: Cataloger<LockFacts> = lockCataloger({
  id: "gemspec",
  version: 1,
  type: "gem",
  among: { extensions: ["gemspec"] },
  maxBytes: limits.maxWrittenBytes,
  wants: (path) => path.endsWith(".gemspec") && !path.includes("/specifications/"),
  open: openLines,
  collect: (all, entries) => {
    // Every line that is looked for has one of these in it, and most lines have none.
    const lines = all.filter((line) => line.includes("=") || line.includes("|"));
    const variable = firstMatch(lines, /Gem::Specification\.new\b.*?(?:do|\{)\s*\|\s*(\w+)\s*\|/) ?? "";
    const name = attributeOf("name", { variable, lines });
    const version = attributeOf("version", { variable, lines });
    if (name === undefined || version === undefined) return "no name and version that the file itself states";
    const licenses = attributeOf("license", { variable, lines });
    entries.add({
      name,
      version,
      licenses: licenses === undefined ? [] : [licenses],
      description: attributeOf("summary", { variable, lines }),
      homepage: attributeOf("homepage", { variable, lines }),
    });
    return undefined;
  },
});

/** Of a line, beyond which no name or version of a gem reaches. */
const maxLineChars = 2000;

interface Specification {
  readonly variable: string;
  readonly lines: readonly string[];
}

function firstMatch(lines: readonly string[], pattern: RegExp): string | undefined {
  for (const line of lines) {
    const match = pattern.exec(line.slice(0, maxLineChars));
    if (match !== null) return match.slice(1).find((group) => group !== undefined);
  }
  return undefined;
}

/** A text in quotes, or a constant that the same file sets to one. */
function attributeOf(attribute: string, { variable, lines }: Specification): string | undefined {
  const value = lines
    .map((line) => /^\s*(\w+)\.(\w+)\s*=\s*(\S.*)$/.exec(line.slice(0, maxLineChars)))
    .find((match) => match?.[1] === variable && match[2] === attribute)?.[3];
  const text = textOf(value ?? "");
  if (text !== undefined) return text;
  const constant = /^(?:[A-Z]\w*::)*([A-Z][A-Z0-9_]*)\b/.exec(value ?? "")?.[1];
  const assignment = lines
    .map((line) => /^\s*([A-Z][A-Z0-9_]*)\s*=\s*(\S.*)$/.exec(line.slice(0, maxLineChars)))
    .find((match) => constant !== undefined && match?.[1] === constant)?.[2];
  return textOf(assignment ?? "");
}

/** `"text"`, `'text'` or `%q{text}`, perhaps as a version or frozen. */
function textOf(value: string): string | undefined {
  const match = /^(?:Gem::Version\.new\(?\s*)?(?:"([^"#\\]*)"|'([^'\\]*)'|%q[<{([]([^<>{}()[\]]*)[>})\]])/.exec(value);
  const text = match?.slice(1).find((group) => group !== undefined);
  if (match === null && value.length > maxLineChars / 2) noteCut(`more than ${maxLineChars} characters of a line`);
  return text === "" ? undefined : text;
}
