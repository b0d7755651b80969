import { isJsonObject, type JsonObject, parseJson } from "@sc/model";
import { readUserFile } from "./files.ts";

/** The largest predicate that is signed: more than this no verifier reads. */
const maxPredicateBytes = 128 * 1024 * 1024;

/** What a file states. SPDX's tag-value form and custom predicates may be text; everything else is an object. */
export async function readPredicateFile(path: string, type: string): Promise<JsonObject | string> {
  const bytes = await readUserFile(path, { maxBytes: maxPredicateBytes });
  const text = new TextDecoder().decode(bytes);
  if (type === "spdx" || (type === "custom" && !text.trimStart().startsWith("{"))) return text;
  const value = parseJson(bytes, path);
  return isJsonObject(value) ? value : text;
}
