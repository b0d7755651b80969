import { isMap, isScalar, LineCounter, parseDocument, visit, type YAMLMap } from "yaml";
import { isJsonObject, type JsonObject, parseJson, ScError } from "@sc/model";

/** The most bytes a configuration file may have: the largest real ones have some kilobytes. */
const maxConfigBytes = 1024 * 1024;

/** How deep a configuration may nest: the schema's own depth is 6, a deploy tool's some more. */
const maxDepth = 40;

/** How many aliases may be followed: anchors are for a default or two; a bomb has thousands. */
const maxAliases = 100;

/** A YAML text that was read: its value, and where in the file each part of it stands. */
export interface YamlDocument {
  /** The file's name, for messages. */
  readonly where: string;
  readonly value: JsonObject;
  /** `file:line:column` of the innermost part of a path that stands in the file itself. */
  readonly place: (path: readonly PropertyKey[]) => string;
}

/**
 * The mapping in a YAML text. Merge keys (`<<`) are followed, as deploy tools do. Throws `CONFIG_INVALID` for what is
 * no YAML, no mapping, too large, too deep, or grows by aliases.
 */
export function parseYaml(text: string, where: string): YamlDocument {
  if (Buffer.byteLength(text) > maxConfigBytes) {
    throw new ScError("CONFIG_INVALID", `${where}: ${text.length} characters, wanted at most ${maxConfigBytes} bytes`);
  }
  const lines = new LineCounter();
  // Repeated keys are looked for below: the parser's own search is quadratic.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, strict: true, merge: true });
  const [broken] = document.errors;
  if (broken !== undefined) throw new ScError("CONFIG_INVALID", `${where}: ${reasonOf(broken)}`);
  visit(document, {
    Node: (_key, node, path) => {
      // A mapping's member is a pair within it: two steps of the path are one of the value.
      if (path.length > maxDepth * 2) throw new ScError("CONFIG_INVALID", `${where}: nests deeper than ${maxDepth}`);
      if (isMap(node)) checkUnique(node, where);
    },
  });
  const value = plainValue(document, where);
  return {
    where,
    value,
    place(path) {
      for (let length = path.length; length > 0; length -= 1) {
        const node: unknown = document.getIn(path.slice(0, length), true);
        if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range)) continue;
        const start: unknown = node.range[0];
        if (typeof start !== "number") continue;
        const { line, col } = lines.linePos(start);
        return `${where}:${line}:${col}`;
      }
      return where;
    },
  };
}

// The parser recurses into what nests, and says itself when that ended the process's stack.
function reasonOf({ message }: Error): string {
  return message.includes("call stack") ? `nests deeper than ${maxDepth}` : (message.split("\n")[0] ?? "");
}

function checkUnique({ items }: YAMLMap, where: string): void {
  const seen = new Set<string>();
  for (const { key } of items) {
    const name = isScalar(key) ? String(key.value) : undefined;
    if (name === undefined) throw new ScError("CONFIG_INVALID", `${where}: a key that is no plain text`);
    if (seen.has(name) && name !== "<<") {
      throw new ScError("CONFIG_INVALID", `${where}: ${JSON.stringify(name.slice(0, 100))} is said twice`);
    }
    seen.add(name);
  }
}

function plainValue(document: ReturnType<typeof parseDocument>, where: string): JsonObject {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: maxAliases });
  } catch (cause) {
    throw new ScError("CONFIG_INVALID", `${where}: aliases that grow without bound, or lead nowhere`, { cause });
  }
  if (value === null || value === undefined) return {};
  // What YAML has beside JSON (dates, binaries, other keys) is in no configuration.
  const plain = parseJson(JSON.stringify(value), where);
  if (isJsonObject(plain)) return plain;
  throw new ScError(
    "CONFIG_INVALID",
    `${where}: wanted a mapping at the top, got ${Array.isArray(plain) ? "a list" : typeof plain}`,
  );
}
