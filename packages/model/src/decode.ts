import { type Digest, isDigest } from "./digest.ts";
import { ScError } from "./error.ts";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

/**
 * One value of a document from outside, together with the path it stands at, so that every complaint can say where.
 *
 * Decode once at the border, then trust the type: each method returns a value of the type it names or throws
 * `DECODE_FAILED`; nothing is ever replaced by a default.
 */
export class Decoder {
  readonly value: JsonValue | undefined;
  readonly path: string;

  constructor(value: JsonValue | undefined, path: string) {
    this.value = value;
    this.path = path;
  }

  /** Whether the value is absent; JSON's null counts as absent, as Go's decoders write it for empty fields. */
  get absent(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** The decoder of a member; of an absent value when there is none. */
  member(name: string): Decoder {
    const object = this.object();
    return new Decoder(Object.hasOwn(object, name) ? object[name] : undefined, `${this.path}.${name}`);
  }

  object(): JsonObject {
    if (isJsonObject(this.value)) return this.value;
    throw this.wrong("an object");
  }

  /** The decoders of the elements of an array. */
  array(): readonly Decoder[] {
    if (!isJsonArray(this.value)) throw this.wrong("an array");
    return this.value.map((element, index) => new Decoder(element, `${this.path}[${index}]`));
  }

  string(): string {
    if (typeof this.value === "string") return this.value;
    throw this.wrong("a string");
  }

  boolean(): boolean {
    if (typeof this.value === "boolean") return this.value;
    throw this.wrong("true or false");
  }

  number(): number {
    if (typeof this.value === "number") return this.value;
    throw this.wrong("a number");
  }

  /** A count: a whole number from 0 to 2^53 − 1. */
  count(): number {
    if (typeof this.value === "number" && Number.isSafeInteger(this.value) && this.value >= 0) return this.value;
    throw this.wrong("a whole number of at least 0");
  }

  digest(): Digest {
    if (isDigest(this.value)) return this.value;
    throw this.wrong("a digest");
  }

  /** A record whose members are all strings, such as annotations. */
  strings(): Readonly<Record<string, string>> {
    const record: Record<string, string> = Object.create(null);
    for (const name of Object.keys(this.object())) record[name] = this.member(name).string();
    return record;
  }

  /** What `read` makes of the value, or `undefined` when it is absent. */
  optional<Value>(read: (present: Decoder) => Value): Value | undefined {
    return this.absent ? undefined : read(this);
  }

  /** The error that says what was wanted at this place and what stands there. */
  wrong(wanted: string): ScError {
    const got = this.value === undefined ? "nothing" : excerptOf(this.value, 80);
    return new ScError("DECODE_FAILED", `${this.path}: wanted ${wanted}, got ${got}`);
  }
}

/** The first characters of a value's JSON: whatever else there is of it, and however deep, is not looked at. */
function excerptOf(value: JsonValue, room: number): string {
  if (room <= 0) return "";
  if (typeof value === "string") return JSON.stringify(value.slice(0, room)).slice(0, room);
  if (value === null || typeof value !== "object") return JSON.stringify(value).slice(0, room);
  const list = isJsonArray(value);
  let text = list ? "[" : "{";
  for (const [key, member] of entriesOf(value)) {
    if (text.length >= room) return text.slice(0, room);
    if (member === undefined) continue;
    if (text.length > 1) text += ",";
    if (!list) text += `${JSON.stringify(key.slice(0, room))}:`;
    text += excerptOf(member, room - text.length);
  }
  return `${text}${list ? "]" : "}"}`.slice(0, room);
}

/** The members one at a time: an object of a million is not made a list of for its first. */
function* entriesOf(value: readonly JsonValue[] | JsonObject): Generator<readonly [string, JsonValue | undefined]> {
  if (isJsonArray(value)) for (const [index, element] of value.entries()) yield [String(index), element];
  else for (const key in value) if (Object.hasOwn(value, key)) yield [key, value[key]];
}
