import { createCipheriv } from "node:crypto";
import zlib from "node:zlib";
import { expect, test } from "vitest";
import { Inflater } from "./inflater.ts";

/** What comes of a raw stream: its content, or nothing where it is refused. */
function inflate(stream: Uint8Array, cut: () => number = () => stream.length): Buffer | undefined {
  const inflater = Inflater.open();
  if (inflater === undefined) throw new Error("this Node.js runs no WebAssembly");
  const pieces: Buffer[] = [];
  try {
    inflater.begin();
    for (let at = 0, ended = false; ;) {
      const stop = inflater.run();
      pieces.push(Buffer.from(inflater.output));
      inflater.clear();
      if (stop === "end") return Buffer.concat(pieces);
      if (stop === "output") continue;
      if (ended) return undefined;
      if (at < stream.length) at += inflater.take(stream.subarray(at, at + cut()));
      else {
        inflater.end();
        ended = true;
      }
    }
  } catch {
    return undefined;
  } finally {
    inflater.close();
  }
}

function inflateByZlib(stream: Uint8Array): Buffer | undefined {
  try {
    return zlib.inflateRawSync(stream);
  } catch {
    return undefined;
  }
}

function expectSame(stream: Uint8Array, cut?: () => number): boolean {
  const [ours, theirs] = [inflate(stream, cut), inflateByZlib(stream)];
  if (ours === undefined || theirs === undefined ? ours !== theirs : !ours.equals(theirs)) {
    expect.fail(`zlib ${theirs === undefined ? "refuses" : "takes"} ${Buffer.from(stream).toString("hex")}`);
  }
  return theirs !== undefined;
}

// Bytes that are the same in every run.
function noise(bytes: number, seed: number): Buffer {
  return createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

/** Whole numbers below a bound, the same in every run. */
function numbersFrom(seed: number): (below: number) => number {
  const bytes = noise(2 ** 20, seed);
  let at = 0;
  return (below) => {
    at = (at + 4) % bytes.length;
    return bytes.readUInt32LE(at) % below;
  };
}

/** Content of several kinds: noise, few symbols, words, runs, and far repetitions. */
function contentOf(kind: number, bytes: number, random: (below: number) => number): Buffer {
  const content = noise(bytes, kind + 1);
  if (kind === 0) return content;
  if (kind === 1) return content.map((byte) => 97 + (byte & 3)) as Buffer;
  if (kind === 2) return Buffer.from("the layer of an image; ".repeat(bytes / 20 + 1)).subarray(0, bytes);
  if (kind === 3) return content.fill(0);
  for (let at = 40_000; at < bytes; at += 300) content.copy(content, at, at - 32_768 + random(32_000), at - 300);
  return content;
}

test("inflates whatever zlib deflates, by every strategy, however it is cut", () => {
  const random = numbersFrom(1);
  const strategies = [0, 1, 2, 3, 4];
  let tried = 0;
  for (const strategy of strategies) {
    for (const level of [0, 1, 6, 9]) {
      for (let kind = 0; kind < 5; kind++) {
        const options = { level, strategy, windowBits: 9 + random(7), memLevel: 1 + random(9) };
        const content = contentOf(kind, 1 + random(kind === 4 ? 400_000 : 60_000), random);
        const stream = zlib.deflateRawSync(content, options);
        expect(inflate(stream, () => 1 + random(20_000))?.equals(content), JSON.stringify({ ...options, kind })).toBe(
          true,
        );
        tried++;
      }
    }
  }
  expect(tried).toBe(100);
});

test("takes and refuses what zlib does, whatever bit of a stream is turned", () => {
  const random = numbersFrom(2);
  const taken = { yes: 0, no: 0 };
  const streams = [0, 1, 2, 3].flatMap((kind) =>
    [zlib.constants.Z_FIXED, zlib.constants.Z_DEFAULT_STRATEGY].map((strategy) =>
      zlib.deflateRawSync(contentOf(kind, 300, random), { strategy, memLevel: 1 }),
    ),
  );
  for (let round = 0; round < 6000; round++) {
    const stream = Buffer.from(streams[round % streams.length] ?? []);
    for (let turned = random(3); turned >= 0; turned--) {
      const bit = random(round % 2 === 0 ? 600 : stream.length * 8) % (stream.length * 8);
      stream[bit >> 3] = (stream[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    }
    const same = expectSame(
      random(10) === 0 ? stream.subarray(0, random(stream.length)) : stream,
      () => 1 + random(90),
    );
    taken[same ? "yes" : "no"]++;
  }
  expect(taken.yes).toBeGreaterThan(250);
  expect(taken.no).toBeGreaterThan(2500);
});

/** Bits in the order of DEFLATE: numbers with their least bit first. */
class BitWriter {
  readonly #bits: number[] = [];

  put(value: number, bits: number): this {
    for (let bit = 0; bit < bits; bit++) this.#bits.push((value >> bit) & 1);
    return this;
  }

  /** The code of a symbol in a canonical Huffman code: its greatest bit first. */
  code(lengths: readonly number[], symbol: number): this {
    const length = lengths[symbol] ?? 0;
    let code = 0;
    for (let bits = 1; bits <= length; bits++) {
      code <<= 1;
      lengths.forEach((other, at) => {
        if (other === bits && (bits < length || at < symbol)) code++;
      });
    }
    for (let bit = length - 1; bit >= 0; bit--) this.put(code >> bit, 1);
    return this;
  }

  bytes(): Buffer {
    const bytes = Buffer.alloc(Math.ceil(this.#bits.length / 8));
    this.#bits.forEach((bit, at) => (bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (bit << (at & 7))));
    return bytes;
  }
}

const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
// Sixteen lengths of four bits each, and nothing that repeats.
const plainLengths = Array.from({ length: 19 }, (_, length) => (length < 16 ? 4 : 0));

interface Block {
  readonly literals: readonly number[];
  readonly distances: readonly number[];
}

/** A last block with the codes given, each length written for itself. */
function dynamicBlock({ literals, distances }: Block): BitWriter {
  const writer = new BitWriter().put(1, 1).put(2, 2);
  writer
    .put(literals.length - 257, 5)
    .put(distances.length - 1, 5)
    .put(15, 4);
  for (const symbol of order) writer.put(plainLengths[symbol] ?? 0, 3);
  for (const length of [...literals, ...distances]) writer.code(plainLengths, length);
  return writer;
}

/** Lengths of which most are none. */
function lengthsOf(count: number, some: Readonly<Record<number, number>>): number[] {
  return Array.from({ length: count }, (_, symbol) => some[symbol] ?? 0);
}

test("takes and refuses the codes that zlib does: complete, over-subscribed, incomplete, of a single symbol, of none", () => {
  const random = numbersFrom(3);
  const taken = { yes: 0, no: 0 };
  for (let round = 0; round < 1500; round++) {
    // A code of 2^n symbols of n bits, some of them made longer in pairs, is complete; then one thing is changed.
    const depth = 1 + random(4);
    const leaves = Array.from({ length: 2 ** depth }, () => depth);
    for (let split = random(20); split > 0; split--) {
      const at = random(leaves.length);
      const length = leaves[at] ?? 0;
      if (length < 15) leaves.splice(at, 1, length + 1, length + 1);
    }
    const literals = lengthsOf(257 + random(30), {});
    leaves.forEach((length, at) => (literals[at === 0 ? 256 : (at * 7) % 256] = length));
    const distances = lengthsOf(1 + random(30), {});
    if (random(3) > 0) [0, 1].forEach((symbol) => symbol < distances.length && (distances[symbol] = 1));
    if (random(2) === 0) literals[random(literals.length)] = random(16);
    if (random(3) === 0) distances[random(distances.length)] = random(16);
    const writer = dynamicBlock({ literals, distances });
    for (let symbol = random(40); symbol > 0; symbol--) writer.put(random(2 ** 15), 15);
    writer.code(literals, 256);
    taken[expectSame(writer.bytes()) ? "yes" : "no"]++;
  }
  expect(taken.yes).toBeGreaterThan(150);
  expect(taken.no).toBeGreaterThan(150);
});

const end = { 256: 1 };
const fixed = (): BitWriter => new BitWriter().put(1, 1).put(1, 2);
/** A symbol of the fixed code: seven bits for 256 to 279, eight from 280. */
const fixedSymbol = (symbol: number): readonly [number, number] =>
  symbol < 280 ? [reversed(symbol - 256, 7), 7] : [reversed(0xc0 + symbol - 280, 8), 8];

function reversed(value: number, bits: number): number {
  return Number.parseInt(value.toString(2).padStart(bits, "0").split("").toReversed().join(""), 2);
}

const faults: Readonly<Record<string, Buffer>> = {
  "the reserved type": new BitWriter().put(1, 1).put(3, 2).put(0, 30).bytes(),
  complement: Buffer.from([1, 3, 0, 0xff, 0xff, 1, 2, 3]),
  "too many codes": dynamicBlock({ literals: lengthsOf(287, end), distances: [0] })
    .code(lengthsOf(287, end), 256)
    .bytes(),
  "the code lengths is not complete": new BitWriter().put(1, 1).put(2, 2).put(0, 14).put(1, 3).put(0, 60).bytes(),
  "too many codes for lengths or distances": dynamicBlock({
    literals: lengthsOf(257, end),
    distances: lengthsOf(31, {}),
  })
    .code(lengthsOf(257, end), 256)
    .bytes(),
  // Code lengths in two codes of one bit: 18, which gives none 11 to 138 times and comes three times here, and 1.
  "beyond the last code": new BitWriter()
    .put(0b101, 3)
    .put(0, 10)
    .put(14, 4)
    .put(0, 6)
    .put(1, 3)
    .put(0, 42)
    .put(1, 3)
    .put(0xff, 8)
    .put(0xff, 8)
    .put(0, 30)
    .bytes(),
  "repeats nothing": new BitWriter().put(1, 1).put(2, 2).put(0, 10).put(0, 4).put(1, 3).put(1, 3).put(0, 60).bytes(),
  "no code for its end": dynamicBlock({ literals: lengthsOf(257, { 0: 1, 1: 1 }), distances: [0] })
    .put(0, 30)
    .bytes(),
  "literals and lengths is not complete": dynamicBlock({ literals: lengthsOf(257, { 0: 2, 256: 2 }), distances: [0] })
    .put(0, 30)
    .bytes(),
  "code of distances is not complete": dynamicBlock({ literals: lengthsOf(257, end), distances: [2, 2, 2] })
    .put(0, 30)
    .bytes(),
  "no literal and no length": fixed()
    .put(...fixedSymbol(286))
    .put(0, 30)
    .bytes(),
  "stands for no distance": fixed()
    .put(...fixedSymbol(257))
    .put(reversed(30, 5), 5)
    .put(0, 30)
    .bytes(),
  "before the beginning": fixed()
    .put(...fixedSymbol(257))
    .put(0, 5)
    .put(0, 30)
    .bytes(),
};

test.each(Object.entries(faults))("says what is wrong: %s", (what, stream) => {
  const inflater = Inflater.open();
  inflater?.begin();
  inflater?.take(stream);
  inflater?.end();
  expect(() => inflater?.run()).toThrow(what);
  inflater?.close();
  expect(inflateByZlib(stream)).toBeUndefined();
});

/** A letter, and three more from so far back. */
function repeating(distance: number): Buffer {
  const writer = fixed().put(reversed(0x30 + 97, 8), 8);
  return writer
    .put(...fixedSymbol(257))
    .put(reversed(distance - 1, 5), 5)
    .put(0, 7)
    .bytes();
}

test("a match reaches to the first byte of its stream and not into the one before", () => {
  expect(inflate(repeating(1))?.toString()).toBe("aaaa");
  expect(inflate(repeating(2))).toBeUndefined();
});

test("several may be open at once, and what one inflates is nothing to the other", () => {
  const content = contentOf(4, 300_000, numbersFrom(4));
  const stream = zlib.deflateRawSync(content);
  const inflaters = [Inflater.open(), Inflater.open()];
  const outputs: Buffer[][] = [[], []];
  inflaters.forEach((inflater) => inflater?.begin());
  for (let at = 0; at < stream.length; at += 5000) {
    inflaters.forEach((inflater, which) => {
      inflater?.take(stream.subarray(at, at + 5000));
      if (at + 5000 >= stream.length) inflater?.end();
      while (inflater?.run() === "output") {
        outputs[which]?.push(Buffer.from(inflater.output));
        inflater.clear();
      }
    });
  }
  inflaters.forEach((inflater, which) => outputs[which]?.push(Buffer.from(inflater?.output ?? [])));
  for (const output of outputs) expect(Buffer.concat(output).equals(content)).toBe(true);
  inflaters.forEach((inflater) => inflater?.close());
});
