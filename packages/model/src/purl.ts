import { ScError } from "./error.ts";
import { type PurlTypeRules, purlTypes } from "./purl-rules.ts";

/**
 * A package URL in canonical form. Compare purls of different origin by their parts, never as text: other tools
 * encode differently.
 *
 * @see https://github.com/package-url/purl-spec
 */
export type Purl = `pkg:${string}`;

/** The parts of a package URL, decoded. */
export interface PurlParts {
  readonly type: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
  readonly qualifiers?: Readonly<Record<string, string>> | undefined;
  readonly subpath?: string | undefined;
}

/** Longer texts are refused: no package of any ecosystem has such a name, and an advisory or SBOM may hold anything. */
const maxPurlLength = 16 * 1024;

/** What an error shows of what was given: made only where there is one, for an image has 100,000 that have none. */
type Shown = () => string;

/** The canonical package URL of the given parts. Throws `PURL_INVALID` when the syntax or the type forbids a part. */
export function formatPurl(parts: PurlParts): Purl {
  const { type, namespace, name, version, qualifiers, subpath } = normalize(parts, () => JSON.stringify(parts));
  const keepsSlashes = purlTypes.get(type)?.nameHasSlashes === true;
  const encodedName = keepsSlashes ? encodeSegments(name) : encode(name);
  const path = namespace === undefined ? encodedName : `${encodeSegments(namespace)}/${encodedName}`;
  const query = Object.entries(qualifiers ?? {}).map(([key, value]) => `${key}=${encode(value)}`);
  return `pkg:${type}/${path}${version === undefined ? "" : `@${encode(version)}`}${
    query.length === 0 ? "" : `?${query.join("&")}`
  }${subpath === undefined ? "" : `#${encodeSegments(subpath)}`}`;
}

/** The parts of a package URL, each in canonical form. Throws `PURL_INVALID`. */
export function parsePurl(text: string): PurlParts {
  const shown: Shown = () => JSON.stringify(text.slice(0, 300));
  if (text.length > maxPurlLength) throw invalid(shown, `it is longer than ${maxPurlLength} characters`);
  if (text.slice(0, 4).toLowerCase() !== "pkg:") throw invalid(shown, 'it does not begin with "pkg:"');
  const [beforeSubpath, subpath] = cutLast(text.slice(4), "#");
  const [beforeQuery, query] = cutLast(beforeSubpath, "?");
  const path = beforeQuery.replace(/^\/+/, "");
  const slash = path.indexOf("/");
  if (slash < 0) throw invalid(shown, "it has no name");
  const at = versionSeparator(path);
  const type = path.slice(0, slash).toLowerCase();
  if (path[at - 1] === "/") throw invalid(shown, "its name is empty");
  const [namespace, name] = cutName(joinSegments(path.slice(slash + 1, at)), type);
  return normalize(
    {
      type,
      namespace: namespace === undefined ? undefined : decode(namespace, shown),
      name: decode(name, shown),
      version: at === path.length ? undefined : decode(path.slice(at + 1), shown),
      qualifiers: query === undefined ? undefined : decodeQualifiers(query, shown),
      subpath: subpath === undefined ? undefined : decode(subpath, shown),
    },
    shown,
  );
}

// An "@" between two slashes begins an npm scope that its writer did not encode, not a version.
function versionSeparator(path: string): number {
  const at = path.lastIndexOf("@");
  const isScope = path[at - 1] === "/" && path.includes("/", at);
  return at < 0 || isScope ? path.length : at;
}

/** Where the namespace ends: before the last segment, or behind the first of a type whose names have slashes. */
function cutName(place: string, type: string): readonly [string | undefined, string] {
  if (purlTypes.get(type)?.nameHasSlashes !== true) {
    const slash = place.lastIndexOf("/");
    return slash < 0 ? [undefined, place] : [place.slice(0, slash), place.slice(slash + 1)];
  }
  const slash = place.indexOf("/");
  return slash < 0 ? [place, ""] : [place.slice(0, slash), place.slice(slash + 1)];
}

function cutLast(text: string, separator: string): readonly [string, string | undefined] {
  const index = text.lastIndexOf(separator);
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}

function normalize(parts: PurlParts, shown: Shown): PurlParts {
  const type = parts.type.toLowerCase();
  const known = purlTypes.get(type);
  if (known === undefined && !/^[a-z][a-z0-9.-]*$/.test(type))
    throw invalid(shown, "its type is not a letter followed by letters and digits");
  const rules = known ?? {};
  const qualifiers = parts.qualifiers === undefined ? undefined : normalizeQualifiers(parts.qualifiers, shown);
  const name = cased("name", parts.name, rules);
  const normal = {
    type,
    namespace: present(cased("namespace", joinSegments(parts.namespace ?? ""), rules)),
    name: rules.name === undefined ? name : rules.name(name, qualifiers ?? {}),
    version: present(rules.version?.(parts.version ?? "") ?? cased("version", parts.version ?? "", rules)),
    qualifiers,
    subpath: parts.subpath === undefined ? undefined : present(withoutSteps(parts.subpath)),
  };
  const broken = brokenRule(normal, rules);
  if (broken !== undefined) throw invalid(shown, broken);
  return normal;
}

function cased(part: "namespace" | "name" | "version", value: string, { lowerCase }: PurlTypeRules): string {
  return lowerCase?.includes(part) === true ? value.toLowerCase() : value;
}

function brokenRule(parts: PurlParts, rules: PurlTypeRules): string | undefined {
  if (parts.name === "") return "its name is empty";
  if (parts.namespace === undefined && rules.namespace === "required") return `${parts.type} demands a namespace`;
  if (parts.namespace !== undefined && rules.namespace === "prohibited") return `${parts.type} has no namespace`;
  if (rules.accepts?.(parts.name, parts.version) === false) return `name or version is not one of ${parts.type}`;
  return undefined;
}

function normalizeQualifiers(
  qualifiers: Readonly<Record<string, string>>,
  shown: Shown,
): Readonly<Record<string, string>> | undefined {
  const sorted: [string, string][] = [];
  for (const [key, value] of Object.entries(qualifiers)) {
    if (!/^[a-z][a-z0-9._-]*$/i.test(key)) throw invalid(shown, `${JSON.stringify(key)} is no qualifier key`);
    if (value !== "") sorted.push([key.toLowerCase(), value]);
  }
  if (sorted.length === 0) return undefined;
  return Object.fromEntries(sorted.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function decodeQualifiers(query: string, shown: Shown): Readonly<Record<string, string>> {
  const qualifiers: Record<string, string> = Object.create(null);
  for (const pair of query.split("&")) {
    const equals = pair.indexOf("=");
    if (equals <= 0) continue;
    const key = pair.slice(0, equals).toLowerCase();
    if (key in qualifiers) throw invalid(shown, `the qualifier ${JSON.stringify(key)} stands in it twice`);
    qualifiers[key] = decode(pair.slice(equals + 1), shown);
  }
  return qualifiers;
}

/** A path without empty segments, at its ends or within. */
function joinSegments(path: string): string {
  // Nearly all are so already, and an image has 100,000.
  if (!path.startsWith("/") && !path.endsWith("/") && !path.includes("//")) return path;
  return path
    .split("/")
    .filter((segment) => segment !== "")
    .join("/");
}

function withoutSteps(subpath: string): string {
  return subpath
    .split("/")
    .filter((segment) => segment !== "" && segment !== "." && segment !== "..")
    .join("/");
}

function present(value: string): string | undefined {
  return value === "" ? undefined : value;
}

// The specification leaves letters, digits and "-._~:" as they are and encodes the rest, "/" and "+" included.
function encode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll("%3A", ":")
    .replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function encodeSegments(path: string): string {
  return path.split("/").map(encode).join("/");
}

function decode(text: string, shown: Shown): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw invalid(shown, "its percent-encoding is broken", cause);
  }
}

function invalid(shown: Shown, why: string, cause?: unknown): ScError {
  return new ScError("PURL_INVALID", `${shown()} is not a package URL: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    hint: "Write it as pkg:type/namespace/name@version.",
  });
}
