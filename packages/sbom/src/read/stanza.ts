import { limits } from "../limits.ts";
import { quote } from "./token.ts";
import { noteCut } from "./cuts.ts";

/**
 * One stanza of a file in the form of RFC 822 headers, as dpkg and Python's packaging write it.
 *
 * @see https://manpages.debian.org/bookworm/dpkg-dev/deb822.5.en.html
 */
export interface Stanza {
  /** The line it begins at, 1 the first. */
  readonly line: number;
  /** By field name in lower case. A folded value keeps its line breaks, without the space that each line began with. */
  readonly fields: ReadonlyMap<string, string>;
  /** Fields that occur more than once, all values in order, by name in lower case. */
  readonly repeated: ReadonlyMap<string, readonly string[]>;
  /** What was wrong with the first malformed line, where there was one. The well-formed fields are there all the same. */
  readonly fault?: string;
}

/** What a line of such a file is. */
interface Line {
  readonly start: number;
  readonly end: number;
  readonly number: number;
}

/** The stanzas of a text, in order. Never throws: malformed lines are told in the stanza they stand in. */
export function* parseStanzas(text: string): Generator<Stanza> {
  let builder: StanzaBuilder | undefined;
  for (const line of linesOf(text)) {
    if (line.start === line.end) {
      if (builder !== undefined) yield builder.finish();
      builder = undefined;
    } else {
      builder ??= new StanzaBuilder(text, line.number);
      builder.add(line);
    }
  }
  if (builder !== undefined) yield builder.finish();
}

function* linesOf(text: string): Generator<Line> {
  let start = 0;
  for (let number = 1; start < text.length; number += 1) {
    const newline = text.indexOf("\n", start);
    const next = newline === -1 ? text.length : newline;
    const end = next > start && text.charCodeAt(next - 1) === 0x0d ? next - 1 : next;
    yield { start, end, number };
    start = next + 1;
  }
}

/** Gathers the lines of one stanza; a value is cut out of the text once, when its field ends. */
class StanzaBuilder {
  readonly #text: string;
  readonly #line: number;
  readonly #fields = new Map<string, string>();
  readonly #repeated = new Map<string, string[]>();
  #count = 0;
  #fault: string | undefined;
  #open: { name: string; start: number; end: number } | undefined;

  constructor(text: string, line: number) {
    this.#text = text;
    this.#line = line;
  }

  add(line: Line): void {
    const first = this.#text.charCodeAt(line.start);
    if (first === 0x20 || first === 0x09) this.#fold(line);
    else this.#begin(line);
  }

  #fold(line: Line): void {
    if (this.#open !== undefined) this.#open.end = line.end;
    else if (this.#text.slice(line.start, line.end).trim() !== "") this.#complain(line, "continues no field");
  }

  #begin(line: Line): void {
    this.#close();
    // A comment, as deb822 allows it.
    if (this.#text.charCodeAt(line.start) === 0x23) return;
    const colon = this.#text.slice(line.start, Math.min(line.end, line.start + limits.maxNameChars)).indexOf(":");
    if (colon < 1) {
      this.#complain(line, "is not a field");
      return;
    }
    const name = this.#text
      .slice(line.start, line.start + colon)
      .trim()
      .toLowerCase();
    this.#open = { name, start: line.start + colon + 1, end: line.end };
  }

  #close(): void {
    if (this.#open === undefined) return;
    const { name, start, end } = this.#open;
    this.#open = undefined;
    this.#count += 1;
    if (this.#count > limits.maxFields) {
      this.#fault ??= `line ${this.#line}: the record has more than ${limits.maxFields} fields`;
      noteCut(`line ${this.#line}: a record of more than ${limits.maxFields} fields`);
      return;
    }
    const value = this.#text
      .slice(start, end)
      .replaceAll(/\r?\n[ \t]/g, "\n")
      .trim();
    const before = this.#fields.get(name);
    if (before === undefined) this.#fields.set(name, value);
    else {
      const values = this.#repeated.get(name) ?? [before];
      values.push(value);
      this.#repeated.set(name, values);
    }
  }

  #complain(line: Line, what: string): void {
    const shown = quote(this.#text.slice(line.start, Math.min(line.end, line.start + 200)));
    this.#fault ??= `line ${line.number}: ${shown} ${what}`;
  }

  finish(): Stanza {
    this.#close();
    const stanza = { line: this.#line, fields: this.#fields, repeated: this.#repeated };
    return this.#fault === undefined ? stanza : { ...stanza, fault: this.#fault };
  }
}

/** All values of a field, in order; none when the stanza lacks it. */
export function fieldValues(stanza: Stanza, name: string): readonly string[] {
  const repeated = stanza.repeated.get(name);
  if (repeated !== undefined) return repeated;
  const value = stanza.fields.get(name);
  return value === undefined ? [] : [value];
}
