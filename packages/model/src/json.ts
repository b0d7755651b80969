import { ScError } from "./error.ts";

/** Any value that JSON can say. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object; a member that is absent reads as `undefined`. */
export interface JsonObject {
  readonly [member: string]: JsonValue | undefined;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/**
 * The JSON value in bytes or text from outside. `where` names the document in the error.
 *
 * Throws `JSON_INVALID` when it is not UTF-8 or not JSON. A member called `__proto__` is an ordinary member here, as
 * `JSON.parse` makes it an own property and never the prototype.
 */
export function parseJson(document: Uint8Array | string, where: string): JsonValue {
  try {
    const text = typeof document === "string" ? document : decoder.decode(document);
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch (cause) {
    throw new ScError("JSON_INVALID", `${where}: not a JSON document: ${describe(cause)}`, { cause });
  }
}

// A parser's message quotes the document; it is cut and escaped since the document may be hostile.
function describe(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return JSON.stringify(message.slice(0, 160));
}

/**
 * The canonical text of a value: no white space, members sorted by UTF-16 code units, numbers as ECMAScript writes
 * them, absent members left out.
 *
 * @see RFC 8785
 */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isJsonArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members: string[] = [];
  for (const key of Object.keys(value).toSorted()) {
    const member = value[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(",")}}`;
}

/** Whether a JSON value is an array. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Whether a JSON value is an object (neither null nor an array). */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
