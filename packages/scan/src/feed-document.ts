import { Buffer } from "node:buffer";
import { isScError, type JsonValue, parseJson, type Problem, ScError } from "@sc/model";
import { FAILSAFE_SCHEMA, load, nullCoreTag, Schema } from "js-yaml";
import type { FeedFile } from "./feed.ts";
import { maxYamlLines } from "./limits.ts";

/** How deep an advisory's members may lie in each other: those of the known sources nest less than ten. */
const maxDepth = 100;

// Texts stay texts: a version 1.10 that nobody quoted is no number.
const textsOnly = new Schema([...FAILSAFE_SCHEMA.tags, nullCoreTag]);

/** The bytes of a file, whole; `undefined` when there are more. */
export function joinChunks(chunks: Iterable<Uint8Array>, maxBytes: number): Uint8Array | undefined {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (const chunk of chunks) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    pieces.push(chunk);
  }
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces, length);
}

/**
 * The value that a file's text is. In YAML every scalar but null is a text, and anchors are refused: no source uses
 * them, and a few lines of them are a document of a terabyte.
 *
 * Throws `JSON_INVALID`, `YAML_INVALID`.
 */
export function parseDocument(bytes: Uint8Array, { where, syntax }: Pick<FeedFile, "where" | "syntax">): JsonValue {
  return syntax === "json" ? parseJson(bytes, where) : parseYaml(bytes, where);
}

function parseYaml(bytes: Uint8Array, where: string): JsonValue {
  if (hasMoreLines(bytes, maxYamlLines)) {
    throw new ScError("YAML_INVALID", `${where}: more than the ${maxYamlLines} lines that are read of a YAML document`);
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const value: unknown = load(text, { schema: textsOnly, maxAliases: 0, maxDepth });
    if (isTree(value)) return value;
  } catch (cause) {
    throw new ScError("YAML_INVALID", `${where}: not a YAML document: ${describe(cause)}`, { cause });
  }
  throw new ScError("YAML_INVALID", `${where}: the YAML document holds something else than texts`);
}

function hasMoreLines(bytes: Uint8Array, most: number): boolean {
  let at = -1;
  for (let lines = 0; lines <= most; lines += 1) {
    at = bytes.indexOf(0x0a, at + 1);
    if (at === -1) return false;
  }
  return true;
}

// With this schema the parser makes texts, nulls, arrays and plain objects of these; who reads a member looks at its kind.
function isTree(value: unknown): value is JsonValue {
  return value === null || typeof value === "string" || typeof value === "object";
}

function describe(cause: unknown): string {
  return JSON.stringify((cause instanceof Error ? cause.message : "it cannot be read").slice(0, 160));
}

/** What a record is that cannot be used. */
export function refuse(code: string, message: string, where: string): FeedRefusal {
  return { unmatched: [], problems: [{ kind: "problem", code, message, path: where }] };
}

/** A record without an advisory. */
export interface FeedRefusal {
  readonly unmatched: readonly string[];
  readonly problems: readonly Problem[];
}

/** What `read` makes of a record, or the refusal that says why it is none. */
export function attemptRecord<Value>(where: string, read: () => Value): Value | FeedRefusal {
  try {
    return read();
  } catch (cause) {
    if (!isScError(cause)) throw cause;
    return refuse("ADVISORY_MALFORMED", cause.message, where);
  }
}
