import { Buffer } from "node:buffer";
import { inflateModule } from "./inflate-module.ts";

/** What `inflate.wat` exports. Places are addresses in its memory. */
interface InflateExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Where the next byte of the input lies. */
  readonly input: { value: number };
  /** Where the next byte of the output goes. */
  readonly output: { value: number };
  /** Where the output begins that a match may refer to. */
  readonly history: { value: number };
  begin(): void;
  run(inputEnd: number, outputEnd: number): number;
}

// No types for it come with Node.js; this is as much of it as is used.
declare const WebAssembly:
  | {
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: InflateExports };
    }
  | undefined;

// The memory of the module behind its own tables, which end at `inputStart`: input, what matches refer to, output, and
// room for what one step writes too much.
const inputStart = 0x4000;
const inputEnd = inputStart + 256 * 1024 + 1024;
const windowBytes = 32 * 1024;
const outputStart = inputEnd + windowBytes;
const overshoot = 320;
// With what one step adds not larger than 256 KiB: it stays in the processor's cache, and fits a slot of whoever
// passes it on.
const outputEnd = outputStart + 256 * 1024 - overshoot;
// The module never looks further ahead than this; behind the last input so many zeros keep it going.
const lookahead = 384;

/** What stopped an inflater: it wants more input, its output is full, or the stream is at its end. */
type InflateStop = "input" | "output" | "end";

const stops: readonly InflateStop[] = ["input", "output", "end"];

/** What is wrong with a stream, by the module's number. */
const faults: Readonly<Record<number, string>> = {
  3: "a block has the reserved type",
  4: "the length of a stored block differs from its complement",
  5: "a block has too many codes for lengths or distances",
  6: "the code of the code lengths is not complete",
  7: "a repeated code length repeats nothing, or goes beyond the last code",
  8: "a block has no code for its end",
  9: "the code of literals and lengths is not complete",
  10: "the code of distances is not complete",
  11: "a code stands for no literal and no length",
  12: "a code stands for no distance",
  13: "a distance reaches back before the beginning",
};

/** A stream that is not what RFC 1951 says; the message says what. */
export class InflateError extends Error {}

/**
 * Inflates one DEFLATE stream after another, in WebAssembly, in this thread and inside the call.
 *
 * Input is copied into the module's memory (`take`), output is a view of it that the next call writes over. It is as
 * strict as zlib: what one refuses, the other does. It holds 576 KiB.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1951
 */
export class Inflater {
  readonly #exports: InflateExports;
  readonly #memory: Buffer;
  #filled = inputStart;
  /** Where the input really ends, once it is known; zeros follow. */
  #ended = false;

  private constructor(exports: InflateExports) {
    this.#exports = exports;
    this.#memory = Buffer.from(exports.memory.buffer);
    writeSymbols(new DataView(exports.memory.buffer));
    this.#reset();
  }

  /** An inflater without input; `undefined` where this Node.js cannot run one. Closed, it may be given out again. */
  static open(): Inflater | undefined {
    const opened = idle ?? Inflater.#instantiate();
    idle = undefined;
    return opened;
  }

  static #instantiate(): Inflater | undefined {
    if (typeof WebAssembly === "undefined") return undefined;
    try {
      compiled ??= new WebAssembly.Module(Buffer.from(inflateModule, "base64"));
      return new Inflater(new WebAssembly.Instance(compiled).exports);
    } catch {
      // No room for its memory, or a V8 without some instruction: there is another way to inflate.
      return undefined;
    }
  }

  /** Input that was taken and not used yet; valid until the next call. */
  get input(): Buffer {
    return this.#memory.subarray(this.#exports.input.value, this.#filled);
  }

  /** What came out and was not cleared yet; valid until the next call. */
  get output(): Buffer {
    return this.#memory.subarray(outputStart, this.#exports.output.value);
  }

  /** Takes input, as much as there is room for; gives how many bytes that were. There is room after every `run`. */
  take(bytes: Uint8Array): number {
    const start = this.#exports.input.value;
    if (this.#filled + bytes.length > inputEnd - lookahead && start > inputStart) {
      this.#memory.copyWithin(inputStart, start, this.#filled);
      this.#filled -= start - inputStart;
      this.#exports.input.value = inputStart;
    }
    const taken = Math.min(bytes.length, inputEnd - lookahead - this.#filled);
    this.#memory.set(taken === bytes.length ? bytes : bytes.subarray(0, taken), this.#filled);
    this.#filled += taken;
    return taken;
  }

  /** Says that no more input comes. */
  end(): void {
    this.#ended = true;
    this.#memory.fill(0, this.#filled, this.#filled + lookahead);
  }

  /** Passes over input. */
  skip(bytes: number): void {
    this.#exports.input.value += bytes;
  }

  /** Says that a stream begins with the next byte of the input. Its output follows what is there. */
  begin(): void {
    this.#exports.begin();
    this.#exports.history.value = this.#exports.output.value;
  }

  /**
   * Inflates until something is missing or the stream ends. With `input` after `end` the stream is cut.
   *
   * Throws `InflateError`.
   */
  run(): InflateStop {
    const end = this.#ended ? this.#filled + lookahead : this.#filled;
    const status = this.#exports.run(end, outputEnd);
    // What stands behind the end are zeros that nobody sent.
    if (this.#ended && this.#exports.input.value > this.#filled) return "input";
    const stop = stops[status];
    if (stop === undefined) throw new InflateError(faults[status] ?? `it failed with ${status}`);
    return stop;
  }

  /** Forgets the output; keeps what matches may refer to. */
  clear(): void {
    const { output, history } = this.#exports;
    const kept = Math.min(windowBytes, output.value - history.value);
    this.#memory.copyWithin(outputStart - kept, output.value - kept, output.value);
    history.value = outputStart - kept;
    output.value = outputStart;
  }

  /** Gives it back. */
  close(): void {
    this.#reset();
    keepIdle(this);
  }

  #reset(): void {
    this.#filled = inputStart;
    this.#ended = false;
    this.#exports.input.value = inputStart;
    this.#exports.output.value = outputStart;
    this.#exports.history.value = outputStart;
  }
}

let compiled: object | undefined;
// One that nobody uses: layers, members and threads come one after the other, and 576 KiB each would wait to be collected.
let idle: Inflater | undefined;

function keepIdle(inflater: Inflater): void {
  idle = inflater;
}

// Where the module finds what symbols mean, and the form of it: the number of extra bits, bit 15 for a symbol that is
// neither literal nor length nor distance, bit 13 for one that must not come, a base or a literal from bit 16, bit 31
// for a literal. The module adds the length of the code.
const literals = 0x3800;
const distances = 0x3c80;
const codeLengths = 0x3d00;
const endOfBlock = 0x8000;
const reserved = 0xa000;

/** Writes the meaning of the symbols. @see https://www.rfc-editor.org/rfc/rfc1951#section-3.2.5 */
function writeSymbols(memory: DataView): void {
  const write = (table: number, symbol: number, value: number): void =>
    memory.setUint32(table + symbol * 4, value, true);
  for (let byte = 0; byte < 256; byte++) write(literals, byte, 2 ** 31 + byte * 2 ** 16);
  write(literals, 256, endOfBlock);
  let base = 3;
  for (let symbol = 257; symbol < 285; symbol++) {
    const extra = symbol < 265 ? 0 : (symbol - 261) >> 2;
    write(literals, symbol, (base << 16) | extra);
    base += 1 << extra;
  }
  write(literals, 285, 258 << 16);
  for (const symbol of [286, 287]) write(literals, symbol, reserved);
  base = 1;
  for (let symbol = 0; symbol < 30; symbol++) {
    const extra = symbol < 4 ? 0 : (symbol - 2) >> 1;
    write(distances, symbol, (base << 16) | extra);
    base += 1 << extra;
  }
  for (const symbol of [30, 31]) write(distances, symbol, reserved);
  for (let length = 0; length < 19; length++) write(codeLengths, length, length << 16);
}
