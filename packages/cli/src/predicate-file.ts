import { isJsonObject, type JsonObject, parseJson, ScError } from "@sc/model";
import { readUserFile } from "./files.ts";

/** The largest predicate that is signed: more than this no verifier reads. */
const maxPredicateBytes = 128 * 1024 * 1024;

/** What a file states. SPDX's tag-value form and custom predicates may be text; everything else is an object. Throws `FILE_UNREADABLE`. */
export async function readPredicateFile(path: string, type: string): Promise<JsonObject | string> {
  const bytes = await readUserFile(path, { maxBytes: maxPredicateBytes });
  const text = new TextDecoder().decode(bytes);
  // A text may say anything, but not nothing: that is what a command leaves behind that failed.
  if (text.trim() === "") {
    throw new ScError("FILE_UNREADABLE", `${JSON.stringify(path)}: is empty, wanted what is to be attested`, {
      hint: "Check the command that should have written it.",
    });
  }
  if (type === "spdx" || (type === "custom" && !text.trimStart().startsWith("{"))) return text;
  const value = parseJson(bytes, path);
  return isJsonObject(value) ? value : text;
}
