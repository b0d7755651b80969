import type { JsonValue } from "@sc/model";
import { encodeText } from "./text-chunks.ts";

/** The members of a document: a long list or object is given as what makes its parts, one at a time. */
export type JsonMembers = Readonly<Record<string, JsonValue | undefined | LongList | LongObject>>;

/** A list whose elements need not all be there at once. */
export interface LongList {
  readonly elements: Iterable<JsonValue>;
}

/** An object whose members need not all be there at once; each name once. */
export interface LongObject {
  readonly members: Iterable<readonly [name: string, value: JsonValue]>;
}

/**
 * A document as JSON: one member of the document a line, one part of a long list or object a line, so that documents of the
 * same image compare line by line and a large one is never in memory as a tree.
 */
export function* encodeJsonDocument(members: JsonMembers): Generator<Uint8Array> {
  yield* encodeText(jsonPieces(members));
}

function* jsonPieces(members: JsonMembers): Generator<string> {
  let separator = "{\n";
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue;
    yield `${separator}  ${JSON.stringify(name)}: `;
    separator = ",\n";
    if (isLongList(value)) yield* partPieces("[]", elementTexts(value));
    else if (isLongObject(value)) yield* partPieces("{}", memberTexts(value));
    else yield JSON.stringify(value, undefined, 2).replaceAll("\n", "\n  ");
  }
  yield "\n}\n";
}

function isLongList(value: JsonMembers[string]): value is LongList {
  return typeof value === "object" && value !== null && "elements" in value;
}

function isLongObject(value: JsonMembers[string]): value is LongObject {
  return typeof value === "object" && value !== null && "members" in value;
}

function* elementTexts({ elements }: LongList): Generator<string> {
  for (const element of elements) yield JSON.stringify(element);
}

function* memberTexts({ members }: LongObject): Generator<string> {
  for (const [name, value] of members) yield `${JSON.stringify(name)}: ${JSON.stringify(value)}`;
}

function* partPieces(brackets: "[]" | "{}", parts: Iterable<string>): Generator<string> {
  let separator = `${brackets[0]}\n    `;
  let empty = true;
  for (const part of parts) {
    yield separator + part;
    separator = ",\n    ";
    empty = false;
  }
  yield empty ? brackets : `\n  ${brackets[1]}`;
}
