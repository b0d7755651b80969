import { type JsonValue, parseJson, ScError } from "@sc/model";
import { signLimits } from "./limits.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The JSON value of a document that is or will be signed: refuses a member that stands twice in one object, since
 * readers disagree on which one counts, and nesting beyond `maxJsonDepth`. Throws `JSON_INVALID`.
 */
export function parseStrictJson(document: Uint8Array, where: string): JsonValue {
  const text = decodeText(document, where);
  const value = parseJson(text, where);
  // What is written as it would be written again says every member once. Most documents are, and it is asked in no time.
  if (isShallow(value, signLimits.maxJsonDepth) && JSON.stringify(value) === text) return value;
  let members: Set<string> | undefined;
  const open: (Set<string> | undefined)[] = [];
  let previous = "";
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === "{" || token === "[") {
      open.push(members);
      if (open.length > signLimits.maxJsonDepth) throw refuse(where, "nested too deeply");
      members = token === "{" ? new Set() : undefined;
    } else if (token === "}" || token === "]") {
      members = open.pop();
    } else if (token === ":" && members !== undefined) {
      const name = memberName(previous);
      if (members.has(name)) throw refuse(where, `the member ${JSON.stringify(name.slice(0, 80))} stands twice`);
      members.add(name);
    }
    previous = token;
  }
  return value;
}

function decodeText(document: Uint8Array, where: string): string {
  try {
    return decoder.decode(document);
  } catch (cause) {
    throw new ScError("JSON_INVALID", `${where}: not a JSON document: it is not UTF-8`, { cause });
  }
}

function isShallow(value: JsonValue | undefined, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((member) => isShallow(member, depth - 1));
}

// The same name may be written in several ways; the escapes decide nothing.
function memberName(token: string): string {
  if (!token.includes("\\")) return token.slice(1, -1);
  const name: unknown = JSON.parse(token);
  return String(name);
}

function refuse(where: string, what: string): ScError {
  return new ScError("JSON_INVALID", `${where}: ${what}`);
}
