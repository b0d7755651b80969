import { isScError, type JsonObject, type JsonValue, isJsonObject, parseJson, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import { limits } from "../limits.ts";
import { malformed, tooLarge } from "./too-large.ts";

/** The JSON object that a file is, or the problem that it is none. */
export function readJsonObject(file: CapturedFile): { readonly json: JsonObject } | Problem {
  const large = tooLarge(file, limits.maxManifestBytes);
  if (large !== undefined) return large;
  try {
    const json = parseJson(file.bytes(limits.maxManifestBytes), file.path);
    return isJsonObject(json) ? { json } : malformed(file, "not a JSON object");
  } catch (error) {
    if (isScError(error) && error.code === "JSON_INVALID") return malformed(file, "not a JSON document");
    throw error;
  }
}

/** An own member that is a string; `undefined` otherwise. */
export function stringMember(object: JsonObject, name: string): string | undefined {
  const value = memberOf(object, name);
  return typeof value === "string" ? value : undefined;
}

/** An own member that is an object; `undefined` otherwise. */
export function objectMember(object: JsonObject, name: string): JsonObject | undefined {
  const value = memberOf(object, name);
  return isJsonObject(value) ? value : undefined;
}

/** An own member, whatever it is. */
export function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
