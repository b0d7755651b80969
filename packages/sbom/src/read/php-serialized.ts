import { Buffer } from "node:buffer";
import { noteCut } from "./cuts.ts";

/** A value that PHP's `serialize` wrote: arrays are maps, whatever their keys. */
export type PhpValue = string | number | boolean | null | ReadonlyMap<string, PhpValue>;

/** Arrays in each other: PEAR's own have fewer than ten. */
const maxDepth = 50;

/** Values of one text: the largest package's record, with all of its files, has some 20,000. */
const maxValues = 200_000;

/**
 * The value in a text of PHP's `serialize`; `undefined` where it is none. Objects and references are no data: a text
 * that has one is refused as well, and nothing is ever made of what it names.
 *
 * @see https://www.php.net/manual/en/function.serialize.php
 */
export function parsePhpSerialized(bytes: Uint8Array): PhpValue | undefined {
  return new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).value(0);
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  #values = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The value that stands here; `undefined` where none does. */
  value(depth: number): PhpValue | undefined {
    this.#values += 1;
    if (depth > maxDepth || this.#values > maxValues) {
      noteCut(depth > maxDepth ? `arrays deeper than ${maxDepth}` : `more than ${maxValues} values`);
      return undefined;
    }
    const kind = this.#bytes.toString("latin1", this.#at, this.#at + 2);
    this.#at += 2;
    if (kind === "N;") return null;
    if (kind === "s:") return this.#text();
    if (kind === "a:") return this.#array(depth);
    if (kind !== "i:" && kind !== "d:" && kind !== "b:") return undefined;
    const number = this.#number(";");
    return kind === "b:" ? number === 1 : number;
  }

  /** A number and the sign behind it, which is near. */
  #number(end: ";" | ":"): number | undefined {
    const head = this.#bytes.toString("latin1", this.#at, this.#at + 40);
    const length = head.indexOf(end);
    const text = head.slice(0, Math.max(length, 0));
    if (!/^-?\d[\d.Ee+-]*$/.test(text)) return undefined;
    this.#at += length + 1;
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }

  #skip(sign: string): boolean {
    const there = this.#bytes.toString("latin1", this.#at, this.#at + sign.length) === sign;
    this.#at += sign.length;
    return there;
  }

  /** `5:"hello";`, its length in bytes. */
  #text(): string | undefined {
    const length = this.#number(":");
    if (length === undefined || length < 0 || !Number.isInteger(length) || !this.#skip('"')) return undefined;
    const text = this.#bytes.toString("utf8", this.#at, this.#at + length);
    this.#at += length;
    return this.#skip('";') ? text : undefined;
  }

  /** `2:{key value key value}`. */
  #array(depth: number): PhpValue | undefined {
    const count = this.#number(":");
    if (count === undefined || count < 0 || !this.#skip("{")) return undefined;
    const members = new Map<string, PhpValue>();
    for (let index = 0; index < count; index += 1) {
      const key = this.value(depth + 1);
      const value = this.value(depth + 1);
      if (value === undefined || (typeof key !== "string" && typeof key !== "number")) return undefined;
      members.set(String(key), value);
    }
    return this.#skip("}") ? members : undefined;
  }
}
