import { Buffer } from "node:buffer";
import { parseJson, ScError } from "@sc/model";

/** One member of an object deep in a document, by the keys that lead to it. */
export interface JsonMember {
  readonly keys: readonly string[];
  /** Its value's JSON, unchecked; absent when it is longer than asked for. */
  readonly bytes?: Uint8Array;
}

/** How a document is cut. */
export interface JsonMembersOptions {
  /** The document's name, for errors. */
  readonly where: string;
  /** How deep the members lie: 1 for those of the document's own object, 2 for those of its members. */
  readonly levels: number;
  /** Longer values are passed over. */
  readonly maxBytes: number;
}

/** Longer keys are no names of packages or advisories. */
const maxKeyBytes = 4_096;

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * The members at one depth of a JSON document that is too large to be held, one at a time, in the order they stand.
 *
 * The values are cut out and not parsed. Throws `ADVISORIES_UNREADABLE` where the document ends early or is no object
 * of objects down to that depth.
 */
export function* readJsonMembers(chunks: Iterable<Uint8Array>, options: JsonMembersOptions): Generator<JsonMember> {
  const cutter = new MemberCutter(options);
  for (const chunk of chunks) yield* cutter.push(chunk);
  cutter.end();
}

/** Follows the brackets, texts, colons and commas of a document as its bytes pass. */
class MemberCutter {
  readonly #options: JsonMembersOptions;
  readonly #kept = new KeptBytes();
  readonly #keys: string[] = [];
  #found: JsonMember[] = [];
  #depth = 0;
  #closed = false;
  #inText = false;
  #escaped = false;
  #awaitsKey = false;
  #taking: "key" | "value" | undefined;

  constructor(options: JsonMembersOptions) {
    this.#options = options;
  }

  /** The members that end in this chunk. */
  push(chunk: Uint8Array): readonly JsonMember[] {
    this.#found = [];
    this.#kept.begin(chunk, this.#taking !== undefined);
    for (let at = 0; at < chunk.length; at += 1) {
      if (this.#inText) this.#passText(chunk[at], at);
      else this.#passMark(chunk[at], at);
    }
    this.#kept.end(chunk.length, this.#taking === "key" ? maxKeyBytes : this.#options.maxBytes);
    return this.#found;
  }

  end(): void {
    if (!this.#closed) this.#fail("ends in the middle");
  }

  #passText(byte: number | undefined, at: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === backslash) this.#escaped = true;
    else if (byte === quote) {
      this.#inText = false;
      if (this.#taking === "key") this.#takeKey(at + 1);
    }
  }

  #passMark(byte: number | undefined, at: number): void {
    if (byte === quote) this.#openText(at);
    else if (byte === openBrace || byte === openBracket) this.#open(byte);
    else if (byte === closeBrace || byte === closeBracket) this.#close(at);
    else if (this.#depth > this.#options.levels) return;
    else if (byte === comma) {
      this.#takeValue(at);
      this.#awaitsKey = true;
    } else if (byte === colon && this.#depth === this.#options.levels) {
      this.#taking = "value";
      this.#kept.start(at + 1);
    }
  }

  #openText(at: number): void {
    this.#inText = true;
    if (this.#depth === 0) this.#fail("is no object");
    if (this.#awaitsKey && this.#depth <= this.#options.levels) {
      this.#taking = "key";
      this.#kept.start(at);
    }
    this.#awaitsKey = false;
  }

  #open(byte: number): void {
    if (this.#closed) this.#fail("goes on behind its end");
    this.#depth += 1;
    this.#awaitsKey = this.#depth <= this.#options.levels;
    if (this.#awaitsKey && byte === openBracket) this.#fail("holds an array where an object should be");
  }

  #close(at: number): void {
    this.#takeValue(at);
    this.#depth -= 1;
    if (this.#depth < 0) this.#fail("closes what was not opened");
    this.#closed = this.#depth === 0;
    this.#awaitsKey = false;
  }

  #takeKey(to: number): void {
    this.#taking = undefined;
    this.#kept.end(to, maxKeyBytes);
    const bytes = this.#kept.take() ?? this.#fail("has a key that is too long");
    const key = parseJson(bytes, this.#options.where);
    if (typeof key === "string") this.#keys[this.#depth - 1] = key;
  }

  #takeValue(to: number): void {
    const { levels, maxBytes } = this.#options;
    if (this.#depth !== levels || this.#taking !== "value") return;
    this.#taking = undefined;
    this.#kept.end(to, maxBytes);
    const bytes = this.#kept.take();
    this.#found.push({ keys: this.#keys.slice(0, levels), ...(bytes === undefined ? {} : { bytes }) });
  }

  #fail(what: string): never {
    throw new ScError("ADVISORIES_UNREADABLE", `${this.#options.where}: the document ${what}`, {
      hint: "Fetch the file again, whole.",
    });
  }
}

/** Bytes that are cut out of chunks: views of one, joined when there are several. */
class KeptBytes {
  #chunk: Uint8Array = new Uint8Array();
  #from: number | undefined;
  #pieces: Uint8Array[] = [];
  #length = 0;
  #tooLong = false;

  begin(chunk: Uint8Array, goesOn: boolean): void {
    this.#chunk = chunk;
    this.#from = goesOn ? 0 : undefined;
  }

  start(from: number): void {
    this.#from = from;
    this.#pieces = [];
    this.#length = 0;
    this.#tooLong = false;
  }

  end(to: number, maxBytes: number): void {
    if (this.#from === undefined) return;
    this.#length += to - this.#from;
    this.#tooLong ||= this.#length > maxBytes;
    if (this.#tooLong) this.#pieces = [];
    else this.#pieces.push(this.#chunk.subarray(this.#from, to));
    this.#from = undefined;
  }

  take(): Uint8Array | undefined {
    const [first] = this.#pieces;
    if (this.#tooLong) return undefined;
    return this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces, this.#length);
  }
}
