import type { License } from "@sc/model";
import parseExpression from "spdx-expression-parse";
import deprecatedIds from "spdx-license-ids/deprecated.json" with { type: "json" };
import currentIds from "spdx-license-ids/index.json" with { type: "json" };
import { exceptionAliases, licenseAliases } from "./license-aliases.ts";
import { limits } from "./limits.ts";

/** How a database writes its licences. */
export interface ReadLicenseOptions {
  /** Names separated by spaces alone all apply, as in Alpine's packages from before it took SPDX expressions up. */
  readonly spaceMeansAnd?: boolean;
}

const maxExpressionChars = 2000;
const maxNesting = 50;

const ids: ReadonlyMap<string, string> = new Map(
  [...deprecatedIds, ...currentIds].map((id) => [id.toLowerCase(), id] as const),
);

/** What databases write when they know nothing. */
const unknowns: ReadonlySet<string> = new Set(["", "unknown", "none", "noassertion", "(none)", "license", "n/a", "-"]);

/**
 * The licence that a database's text declares: the text unchanged, and the SPDX expression it is where that is beyond
 * doubt. `undefined` when the text says nothing.
 *
 * Nothing is guessed: a name that several licences go by (`BSD`, `GPL`) has no expression.
 */
export function readLicense(text: string, options: ReadLicenseOptions = {}): License | undefined {
  const declared = text.slice(0, limits.maxTextChars).trim();
  if (unknowns.has(declared.toLowerCase())) return undefined;
  const expression = expressionOf(declared, options);
  return expression === undefined ? { declared } : { declared, expression };
}

/** The licences that several texts declare, each once, in order. */
export function readLicenses(texts: Iterable<string>, options: ReadLicenseOptions = {}): License[] {
  const licenses = new Map<string, License>();
  for (const text of texts) {
    const license = readLicense(text, options);
    if (license !== undefined && !licenses.has(license.declared)) licenses.set(license.declared, license);
  }
  return [...licenses.values()];
}

/** Whether a text is a valid SPDX licence expression, deprecated identifiers included. */
export function isLicenseExpression(text: string): boolean {
  if (text.length > maxExpressionChars) return false;
  try {
    parseExpression(text);
    return true;
  } catch {
    return false;
  }
}

function expressionOf(declared: string, options: ReadLicenseOptions): string | undefined {
  if (declared.length > maxExpressionChars || declared.includes("\n")) return undefined;
  const whole = licenseOf(declared);
  if (whole !== undefined) return whole;
  const expression = translate(tokensOf(declared), options);
  return expression !== undefined && isLicenseExpression(expression) ? expression : undefined;
}

/** An operator of an expression, or the words between two of them. */
type Token =
  | { readonly kind: "and" | "or" | "with" | "comma" | "open" | "close" }
  | { readonly kind: "words"; readonly text: string };

const operators: ReadonlyMap<string, Token> = new Map<string, Token>([
  ["and", { kind: "and" }],
  ["&", { kind: "and" }],
  ["&&", { kind: "and" }],
  ["or", { kind: "or" }],
  ["|", { kind: "or" }],
  ["||", { kind: "or" }],
  ["with", { kind: "with" }],
  [",", { kind: "comma" }],
  ["(", { kind: "open" }],
  [")", { kind: "close" }],
]);

function tokensOf(declared: string): Token[] {
  const tokens: Token[] = [];
  let words: string[] = [];
  const flush = (): void => {
    if (words.length > 0) tokens.push({ kind: "words", text: words.join(" ") });
    words = [];
  };
  for (const piece of declared.replaceAll(/[(),]/g, " $& ").split(/\s+/)) {
    const operator = operators.get(piece.toLowerCase());
    if (operator !== undefined) {
      flush();
      tokens.push(operator);
    } else if (piece !== "") words.push(piece);
  }
  flush();
  return tokens;
}

/** Debian's comma binds weakest: what stands before `, and` belongs together. */
function translate(tokens: readonly Token[], options: ReadLicenseOptions): string | undefined {
  const parts: string[] = [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1]?.kind;
    if (token.kind === "comma") {
      if (depth > 0 || (next !== "and" && next !== "or")) return undefined;
      parts.unshift("(");
      parts.push(")");
    } else {
      const afterWith = tokens[index - 1]?.kind === "with";
      const part = partOf(token, { ...options, afterWith, alone: tokens.length === 1 });
      if (part === undefined) return undefined;
      depth += nesting(token);
      if (depth > maxNesting) return undefined;
      parts.push(part);
    }
  }
  return parts.join(" ").replaceAll("( ", "(").replaceAll(" )", ")");
}

function nesting(token: Token): number {
  if (token.kind === "open") return 1;
  return token.kind === "close" ? -1 : 0;
}

interface PartOptions extends ReadLicenseOptions {
  readonly afterWith: boolean;
  readonly alone: boolean;
}

function partOf(token: Token, options: PartOptions): string | undefined {
  switch (token.kind) {
    case "and":
    case "or":
    case "with":
      return token.kind.toUpperCase();
    case "open":
      return "(";
    case "close":
      return ")";
    case "comma":
      return undefined;
    case "words":
      break;
  }
  if (options.afterWith) return exceptionOf(token.text);
  const license = licenseOf(token.text);
  if (license !== undefined || options.spaceMeansAnd !== true) return license;
  const each = token.text.split(" ").map(licenseOf);
  if (each.includes(undefined)) return undefined;
  return options.alone ? each.join(" AND ") : `(${each.join(" AND ")})`;
}

/** The SPDX identifier of an exception, which databases write with the word `exception` behind it or without. */
function exceptionOf(name: string): string | undefined {
  const alias = exceptionAliases.get(name.toLowerCase());
  if (alias !== undefined) return alias;
  const bare = name.replace(/ exception$/i, "");
  return [name, bare, `${bare}-exception`].find((id) => isLicenseExpression(`GPL-2.0-only WITH ${id}`));
}

/** The SPDX identifier of one licence's name, in the spelling of the list. */
function licenseOf(name: string): string | undefined {
  const key = name.toLowerCase();
  if (/^licenseref-[a-z0-9.-]+$/i.test(name)) return `LicenseRef-${name.slice("LicenseRef-".length)}`;
  return gnuLicense(key) ?? ids.get(key) ?? licenseAliases.get(key.replaceAll(/\s+/g, " "));
}

const gnuName = /^(a|l|)gpl[ -]?v?([123])(\.[01])?(?:\.0)?(\+|-only| only|-or-later| or later)?$/;
const freeDocumentationName = /^gfdl(-niv)?-1\.([123])(\+|-only|-or-later)?$/;

/** GNU licences have a version and say whether later ones will do; SPDX wants both spelled out. */
function gnuLicense(key: string): string | undefined {
  const gnu = gnuName.exec(key);
  if (gnu !== null) {
    const [, family = "", major = "", minor = ".0", later] = gnu;
    return ids.get(`${family}gpl-${major}${minor}${laterSuffix(later)}`);
  }
  const documentation = freeDocumentationName.exec(key);
  if (documentation === null) return undefined;
  const [, invariants, minor = "", later] = documentation;
  const suffix = invariants === undefined ? "" : "-no-invariants";
  return ids.get(`gfdl-1.${minor}${suffix}${laterSuffix(later)}`);
}

function laterSuffix(later: string | undefined): string {
  return later === "+" || later?.endsWith("later") === true ? "-or-later" : "-only";
}
