import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, parseJson, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import { FAILSAFE_SCHEMA, loadAll } from "js-yaml";
import { parse as parseTomlText } from "smol-toml";
import { limits } from "../limits.ts";
import { memberOf, objectMember, readJsonObject } from "./json-file.ts";
import { strictJson } from "./relaxed-json.ts";
import { malformed, tooManyLines } from "./too-large.ts";

/** How deep collections may lie in each other: no lock file nests more than ten. */
const maxDepth = 100;
/** Anchors are rare in lock files, and each alias repeats all the work that its anchor is. */
const maxAliases = 100;

/** What a file says that is one object of members; a member may be anything. */
export type TreeFile = { readonly content: JsonObject } | Problem;

/** The object that a JSON file is. */
export function openJson(file: CapturedFile): TreeFile {
  const document = readJsonObject(file);
  return "kind" in document ? document : { content: document.json };
}

/** The JSON object of a file that may also hold comments and commas behind the last member. */
export function openRelaxedJson(file: CapturedFile): TreeFile {
  try {
    const content = parseJson(strictJson(file.text(limits.maxManifestBytes)), file.path);
    return isJsonObject(content) ? { content } : malformed(file, "not a JSON object");
  } catch {
    return malformed(file, "not a JSON document");
  }
}

/** Documents of one YAML file: a lock file is one, and pnpm's are two. */
const maxDocuments = 100;

function hasManyDocuments(text: string): boolean {
  let count = 0;
  for (let at = text.indexOf("\n---"); at !== -1 && count <= maxDocuments; at = text.indexOf("\n---", at + 1))
    count += 1;
  return count > maxDocuments;
}

/**
 * The mappings that the documents of a YAML file are; every scalar is a text, as it is written. A key that occurs twice is
 * refused, or counts as it is written last where the format's own tool reads it so.
 */
export function openYaml(
  file: CapturedFile,
  { repeats = false }: { readonly repeats?: boolean } = {},
): { readonly content: readonly JsonObject[] } | Problem {
  const text = file.text(limits.maxManifestBytes);
  const long = tooManyLines(file, text, limits.maxYamlLines);
  if (long !== undefined) return long;
  if (hasManyDocuments(text)) return malformed(file, `more than ${maxDocuments} YAML documents`);
  try {
    const documents: readonly unknown[] = loadAll(text, {
      schema: FAILSAFE_SCHEMA,
      json: repeats,
      maxAliases,
      maxDepth,
    });
    const content = documents.filter((document) => isTree(document));
    return content.length === documents.length ? { content } : malformed(file, "not a YAML mapping");
  } catch {
    return malformed(file, "not a YAML document");
  }
}

/** The table that a TOML file is; whole numbers beyond 2^53 and dates are no values that a caller can read. */
export function openToml(file: CapturedFile): TreeFile {
  try {
    const content: unknown = parseTomlText(file.text(limits.maxManifestBytes), {
      maxDepth,
      integersAsBigInt: "asNeeded",
    });
    return isTree(content) ? { content } : malformed(file, "not a TOML table");
  } catch {
    return malformed(file, "not a TOML document");
  }
}

/** The lines of a text file, without their ends. */
export function openLines(file: CapturedFile): { readonly content: readonly string[] } | Problem {
  const text = file.text(limits.maxManifestBytes);
  if (text.includes("\0")) return malformed(file, "not a text");
  return { content: linesOf(text.replace(/^\uFEFF/, "")) };
}

/** The lines of a text, without their ends: a split by a pattern takes several times as long. */
export function linesOf(text: string): readonly string[] {
  return (text.includes("\r") ? text.replaceAll("\r\n", "\n") : text).split("\n");
}

// What the parsers make are collections and scalars; those that JSON has not are never taken for one that it has.
function isTree(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The elements of a member that is an array; none otherwise. */
export function elementsOf(object: JsonObject, name: string): readonly JsonValue[] {
  const value = memberOf(object, name);
  return isJsonArray(value) ? value : [];
}

/** The elements of a member that are objects. */
export function tablesOf(object: JsonObject, name: string): readonly JsonObject[] {
  return elementsOf(object, name).filter((element) => isTree(element));
}

/** The elements of a member that are texts. */
export function textsOf(object: JsonObject, name: string): readonly string[] {
  return elementsOf(object, name).filter((element) => typeof element === "string");
}

/** The names of the members of a member that is an object. */
export function namesIn(object: JsonObject, name: string): readonly string[] {
  return Object.keys(objectMember(object, name) ?? {});
}

/** The members of a member that is an object which are objects themselves. */
export function entriesIn(object: JsonObject, name: string): readonly (readonly [string, JsonObject])[] {
  const entries: (readonly [string, JsonObject])[] = [];
  for (const [key, value] of Object.entries(objectMember(object, name) ?? {})) {
    if (isTree(value)) entries.push([key, value]);
  }
  return entries;
}
