import { Buffer } from "node:buffer";

/**
 * A name as UTF-16 code units, in memory that is written again: to look at the names of millions of files makes no string of
 * each.
 */
export class CodeUnits {
  /** May hold a directory's path before the name, and what was there before behind it. */
  codes: Uint16Array<ArrayBuffer> = new Uint16Array(256);
  /** Where the name begins and ends. */
  from = 0;
  to = 0;

  /** Makes room for so many units; those that are there stay. */
  reserve(units: number): void {
    if (units <= this.codes.length) return;
    const larger = new Uint16Array(Math.max(units, this.codes.length * 2));
    larger.set(this.codes);
    this.codes = larger;
  }

  /** Takes over a text. */
  set(text: string): this {
    this.reserve(text.length);
    for (let at = 0; at < text.length; at++) this.codes[at] = text.charCodeAt(at);
    this.from = 0;
    this.to = text.length;
    return this;
  }

  /** Takes over another name. */
  copy({ codes, from, to }: CodeUnits): void {
    this.reserve(to - from);
    for (let at = from; at < to; at++) this.codes[at - from] = codes[at] ?? 0;
    this.from = 0;
    this.to = to - from;
  }

  /** How many units two names have in common from their beginning, at most so many. */
  sharedWith(other: CodeUnits, most: number): number {
    const limit = Math.min(this.to - this.from, other.to - other.from, most);
    let at = 0;
    while (at < limit && this.codes[this.from + at] === other.codes[other.from + at]) at++;
    return at;
  }

  /** Whether a unit of the name, past its first few, does not fit into one byte. */
  isWide(skipped: number): boolean {
    let all = 0;
    for (let at = this.from + skipped; at < this.to; at++) all |= this.codes[at] ?? 0;
    return all > 255;
  }

  /** A stretch of the units, which may be of the path before the name, as text. */
  text(from: number, to: number): string {
    const units = this.codes.subarray(from, to);
    if (units.every((unit) => unit <= 255)) return Buffer.from(units).toString("latin1");
    let text = "";
    // A call has no room for arguments without number.
    for (let at = 0; at < units.length; at += 4096) text += String.fromCharCode(...units.subarray(at, at + 4096));
    return text;
  }
}
