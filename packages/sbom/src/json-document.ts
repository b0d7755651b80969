import type { JsonValue } from "@sc/model";

/** The members of a document: a long list is given as what makes its elements, one at a time. */
export type JsonMembers = Readonly<Record<string, JsonValue | undefined | LongList>>;

/** A list whose elements need not all be there at once. */
export interface LongList {
  readonly elements: Iterable<JsonValue>;
}

/** Bytes that are gathered before more room is taken. */
const chunkBytes = 1 << 20;

/**
 * A document as JSON: one member of the document a line, one element of a long list a line, so that documents of the
 * same image compare line by line and a large one is never in memory as a tree.
 */
export function encodeJsonDocument(members: JsonMembers): Uint8Array {
  const output = new ByteList();
  let separator = "{\n";
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue;
    output.add(`${separator}  ${JSON.stringify(name)}: `);
    separator = ",\n";
    if (isLongList(value)) addList(output, value);
    else output.add(JSON.stringify(value, undefined, 2).replaceAll("\n", "\n  "));
  }
  output.add("\n}\n");
  return output.finish();
}

function isLongList(value: JsonValue | LongList): value is LongList {
  return typeof value === "object" && value !== null && "elements" in value;
}

function addList(output: ByteList, { elements }: LongList): void {
  let separator = "[\n    ";
  for (const element of elements) {
    output.add(separator);
    output.add(JSON.stringify(element));
    separator = ",\n    ";
  }
  output.add(separator.startsWith("[") ? "[]" : "\n  ]");
}

/** Bytes of text that is added piece by piece, encoded at once: no text is held longer than its piece. */
class ByteList {
  readonly #encoder = new TextEncoder();
  readonly #full: Uint8Array[] = [];
  #length = 0;
  #chunk = new Uint8Array(chunkBytes);
  #used = 0;

  add(text: string): void {
    // One UTF-16 code unit is at most three bytes of UTF-8.
    if (text.length * 3 > chunkBytes - this.#used) this.#flush();
    if (text.length * 3 > chunkBytes) this.#keep(this.#encoder.encode(text));
    else this.#used += this.#encoder.encodeInto(text, this.#chunk.subarray(this.#used)).written;
  }

  #flush(): void {
    this.#keep(this.#chunk.subarray(0, this.#used));
    this.#chunk = new Uint8Array(chunkBytes);
    this.#used = 0;
  }

  #keep(bytes: Uint8Array): void {
    this.#full.push(bytes);
    this.#length += bytes.length;
  }

  finish(): Uint8Array {
    this.#keep(this.#chunk.subarray(0, this.#used));
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#full) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }
}
