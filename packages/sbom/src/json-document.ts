import type { JsonValue } from "@sc/model";
import { encodeText } from "./text-chunks.ts";

/** The members of a document: a long list is given as what makes its elements, one at a time. */
export type JsonMembers = Readonly<Record<string, JsonValue | undefined | LongList>>;

/** A list whose elements need not all be there at once. */
export interface LongList {
  readonly elements: Iterable<JsonValue>;
}

/**
 * A document as JSON: one member of the document a line, one element of a long list a line, so that documents of the
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
    if (isLongList(value)) yield* listPieces(value);
    else yield JSON.stringify(value, undefined, 2).replaceAll("\n", "\n  ");
  }
  yield "\n}\n";
}

function isLongList(value: JsonValue | LongList): value is LongList {
  return typeof value === "object" && value !== null && "elements" in value;
}

function* listPieces({ elements }: LongList): Generator<string> {
  let separator = "[\n    ";
  for (const element of elements) {
    yield separator + JSON.stringify(element);
    separator = ",\n    ";
  }
  yield separator.startsWith("[") ? "[]" : "\n  ]";
}
