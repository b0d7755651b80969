import { defined } from "../defined.ts";
import { splitFirst } from "./cuts.ts";
import { isName, isVersion, shortText } from "./token.ts";

/** What a gem's specification says, as far as it is written in literals. */
export interface Gemspec {
  readonly name: string;
  readonly version: string;
  readonly platform?: string;
  readonly licenses: readonly string[];
  readonly summary?: string;
  readonly homepage?: string;
  readonly authors?: string;
  /** The gems it needs when it runs, sorted by name. */
  readonly requires: readonly GemRequirement[];
}

/** A gem that another needs, and the conditions on its version, such as `~> 1.2`. */
export interface GemRequirement {
  readonly name: string;
  readonly conditions: readonly string[];
}

const maxLines = 20_000;
const maxLineChars = 20_000;
const maxRequires = 1000;
const maxConditions = 4;

/**
 * What a gemspec says, or one sentence that says what is wrong. It is Ruby, but what RubyGems writes when it installs
 * a gem is literals alone, one assignment a line; nothing else is understood, and nothing is run.
 */
export function parseGemspec(text: string): Gemspec | string {
  const lines = splitFirst(text, "\n", maxLines, "lines")
    .map((line) => line.slice(0, maxLineChars).trim())
    .filter((line) => !line.startsWith("#"));
  const variable = lines.map((line) => /^Gem::Specification\.new\b.*\|\s*(\w+)\s*\|/.exec(line)?.[1]).find(Boolean);
  if (variable === undefined) return "no gem is specified";
  const assigned = assignmentsOf(lines, variable);
  const name = literal(assigned.get("name"), lines);
  const version = literal(assigned.get("version"), lines);
  if (!isName(name) || !/^[A-Za-z0-9._-]+$/.test(name)) return "the gem has no name that is a literal";
  if (!isVersion(version)) return `the gem ${JSON.stringify(name)} has no version that is a literal`;
  const platform = literal(assigned.get("platform"), lines);
  return defined<Gemspec>({
    name,
    version,
    platform: platform === "ruby" || !isName(platform) ? undefined : platform,
    licenses: literals(assigned.get("licenses") ?? assigned.get("license") ?? ""),
    summary: shortText(literal(assigned.get("summary"), lines)),
    homepage: shortText(literal(assigned.get("homepage"), lines)),
    authors: shortText(literals(assigned.get("authors") ?? assigned.get("author") ?? "").join(", ")),
    requires: requiresOf(lines, variable),
  });
}

function assignmentsOf(lines: readonly string[], variable: string): ReadonlyMap<string, string> {
  const assigned = new Map<string, string>();
  const start = `${variable}.`;
  for (const line of lines) {
    const equals = line.indexOf("=");
    if (!line.startsWith(start) || equals === -1) continue;
    const attribute = line.slice(start.length, equals).trim();
    if (/^\w+$/.test(attribute) && !assigned.has(attribute)) assigned.set(attribute, line.slice(equals + 1).trim());
  }
  return assigned;
}

/** The text that an expression begins with: a literal, a version made of one, or a constant that the file assigns. */
function literal(expression: string | undefined, lines: readonly string[]): string | undefined {
  if (expression === undefined) return undefined;
  const made = /^Gem::(?:Version|Platform)\.new\((.*)$/s.exec(expression)?.[1]?.trimStart() ?? expression;
  const constant = /^[A-Z][A-Z0-9_]*/.exec(made)?.[0];
  if (constant === undefined) return literals(made.split(/\s#\s/, 1)[0] ?? "", 1)[0];
  const assignment = lines.find((line) => line.startsWith(constant) && /^\s*=[^=]/.test(line.slice(constant.length)));
  return assignment === undefined ? undefined : literals(assignment.slice(constant.length + 1), 1)[0];
}

/** The string literals of an expression: `"a"`, `'a'` and `%q<a>`. */
function literals(expression: string, most: number = 100): string[] {
  const found: string[] = [];
  for (const match of expression.matchAll(/"((?:[^"\\]|\\.)*)"|'([^'\\]*)'|%q<([^<>]*)>/g)) {
    found.push(
      match[1]?.replaceAll(/\\(.)/g, (_, char: string) => (char === "n" ? " " : char)) ?? match[2] ?? match[3] ?? "",
    );
    if (found.length >= most) break;
  }
  return found;
}

/**
 * The gems needed at run time. RubyGems of old wrote all dependencies, those for development too, once more behind an
 * `else`, for versions of it that know of one kind only.
 */
function requiresOf(lines: readonly string[], variable: string): GemRequirement[] {
  const kinds = new RegExp(String.raw`^${variable}\.add_(runtime_|development_)?dependency\b`);
  const branch = lines.indexOf("else");
  const first = lines.findIndex((line) => kinds.test(line));
  const required = new Map<string, GemRequirement>();
  let count = 0;
  for (const line of lines.slice(0, first !== -1 && first < branch ? branch : undefined)) {
    const kind = kinds.exec(line);
    if (kind === null || kind[1] === "development_" || (count += 1) > maxRequires) continue;
    const [name, ...conditions] = literals(line.slice(kind[0].length), 1 + maxConditions);
    if (!isName(name) || required.has(name)) continue;
    required.set(name, {
      name,
      conditions: conditions.filter((condition) => isVersion(condition.replaceAll(" ", ""))),
    });
  }
  return [...required.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
}
