import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { type ByteSource } from "./byte-fields.ts";
import { collectCuts } from "./cuts.ts";
import { readBundledDependencies } from "./dotnet-bundle.ts";
import { type Executable, findSection, isExecutable, readExecutable, readSection } from "./executable.ts";
import { readGoBuildInfo } from "./go-build-info.ts";

function sourceOf(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, readAt: (offset, length) => bytes.subarray(offset, offset + length) };
}

type Field = readonly [bytes: 1 | 2 | 4 | 8, value: number];

function fields(littleEndian: boolean, ...list: readonly Field[]): Buffer {
  return Buffer.concat(
    list.map(([bytes, value]) => {
      const field = Buffer.alloc(8);
      field.writeBigUInt64LE(BigInt(value));
      const cut = field.subarray(0, bytes);
      return littleEndian ? cut : Buffer.from(cut.toReversed());
    }),
  );
}

/** An ELF file with one section of the given content, and one writable segment over it. */
function elf(
  name: string,
  content: Buffer,
  { wide, littleEndian }: { readonly wide: boolean; readonly littleEndian: boolean },
): Buffer {
  const make = (...list: readonly Field[]): Buffer => fields(littleEndian, ...list);
  const word = wide ? 8 : 4;
  const [headBytes, programBytes, sectionBytes] = wide ? [64, 56, 64] : [52, 32, 40];
  const at = headBytes + programBytes;
  const names = Buffer.from(`\0${name}\0.shstrtab\0`);
  const namesAt = at + content.length;
  const tableAt = namesAt + names.length;
  const ident = Buffer.from([
    0x7f,
    0x45,
    0x4c,
    0x46,
    wide ? 2 : 1,
    littleEndian ? 1 : 2,
    1,
    ...Array<number>(9).fill(0),
  ]);
  const head = make(
    [2, 2],
    [2, 62],
    [4, 1],
    [word, 0],
    [word, headBytes],
    [word, tableAt],
    [4, 0],
    [2, headBytes],
    [2, programBytes],
    [2, 1],
    [2, sectionBytes],
    [2, 3],
    [2, 2],
  );
  const address = 0x40_0000;
  const program = wide
    ? make([4, 1], [4, 6], [8, at], [8, address], [8, address], [8, content.length], [8, content.length], [8, 1])
    : make([4, 1], [4, at], [4, address], [4, address], [4, content.length], [4, content.length], [4, 6], [4, 1]);
  const section = (nameAt: number, offset: number, size: number): Buffer =>
    make(
      [4, nameAt],
      [4, 1],
      [word, 3],
      [word, address],
      [word, offset],
      [word, size],
      [4, 0],
      [4, 0],
      [word, 1],
      [word, 0],
    );
  const sections = [
    Buffer.alloc(sectionBytes),
    section(1, at, content.length),
    section(2 + name.length, namesAt, names.length),
  ];
  return Buffer.concat([ident, head, program, content, names, ...sections]);
}

const variants = [
  { wide: true, littleEndian: true },
  { wide: true, littleEndian: false },
  { wide: false, littleEndian: true },
  { wide: false, littleEndian: false },
];

const modules =
  'path\texample.com/cmd\nmod\texample.com/cmd\tv1.0.0\t\ndep\texample.com/a\tv1.2.3\th1:x\n=>\t../a\nbuild\t"-k"="a \\"b"\n';

function framed(text: string): Buffer {
  return Buffer.concat([Buffer.alloc(16, 1), Buffer.from(text), Buffer.alloc(16, 2)]);
}

function inline(bytes: Buffer): Buffer {
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

/** Build info as Go writes it since 1.18: both texts inline. */
function inlineInfo(version: string, text: string): Buffer {
  const head = Buffer.concat([Buffer.from("\u00ff Go buildinf:", "latin1"), Buffer.from([8, 2]), Buffer.alloc(16)]);
  return Buffer.concat([head, inline(Buffer.from(version)), inline(framed(text))]);
}

/** Build info as Go wrote it before 1.18: pointers to the headers of two strings. */
function pointedInfo(
  version: string,
  text: string,
  { wide, littleEndian }: { wide: boolean; littleEndian: boolean },
): Buffer {
  const make = (...list: readonly Field[]): Buffer => fields(littleEndian, ...list);
  const word = wide ? 8 : 4;
  const base = 0x40_0000;
  const flags = Buffer.from([word, littleEndian ? 0 : 1]);
  const pointers = make([word, base + 32], [word, base + 32 + 2 * word]);
  const head = Buffer.concat([
    Buffer.from("\u00ff Go buildinf:", "latin1"),
    flags,
    pointers,
    Buffer.alloc(16 - 2 * word),
  ]);
  const body = framed(text);
  const strings = base + 32 + 4 * word;
  return Buffer.concat([
    head,
    make([word, strings], [word, version.length], [word, strings + version.length], [word, body.length]),
    Buffer.from(version),
    body,
  ]);
}

describe("executables", () => {
  test.each(variants)("ELF is read in every width and byte order: %o", (variant) => {
    const bytes = elf(".note", Buffer.from("content"), variant);
    const executable = readExecutable(sourceOf(bytes));
    const section = executable === undefined ? undefined : findSection(executable, ".note");
    expect(section && Buffer.from(readSection(sourceOf(bytes), section, 100) ?? []).toString()).toBe("content");
    expect(section && readSection(sourceOf(bytes), section, 3)).toBeUndefined();
    expect(executable?.segments).toMatchObject([{ address: 0x40_0000, writable: true, executable: false }]);
  });

  test.each(variants)("Go build info is read in both formats: %o", (variant) => {
    for (const info of [inlineInfo("go1.22.3", modules), pointedInfo("go1.22.3", modules, variant)]) {
      const file = sourceOf(elf(".go.buildinfo", info, variant));
      const executable = readExecutable(file);
      expect(executable && readGoBuildInfo(file, executable)).toEqual({
        goVersion: "go1.22.3",
        path: "example.com/cmd",
        main: { path: "example.com/cmd", version: "v1.0.0" },
        modules: [{ path: "example.com/a", version: "v1.2.3", sum: "h1:x", replacedBy: { path: "../a" } }],
        settings: { "-k": 'a "b' },
      });
    }
  });

  test("a Java class is not taken for a universal Mach-O", () => {
    const head = Buffer.from("cafebabe00000034", "hex");
    expect(isExecutable(Buffer.concat([head, Buffer.alloc(100)]))).toBe(false);
  });

  test("whatever bit is flipped or wherever a file is cut, nothing is thrown and no read is larger than the file (G 25)", () => {
    const variant = { wide: true, littleEndian: true };
    const whole = elf(".go.buildinfo", pointedInfo("go1.22.3", modules, variant), variant);
    let largest = 0;
    const attempt = (bytes: Uint8Array): void => {
      const file: ByteSource = {
        size: bytes.length,
        readAt: (offset, length) => {
          const read = bytes.subarray(offset, offset + length);
          largest = Math.max(largest, read.length);
          return read;
        },
      };
      const executable = readExecutable(file);
      if (executable !== undefined) readGoBuildInfo(file, executable);
    };
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const flipped = Buffer.from(whole);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      attempt(flipped);
    }
    for (let length = 0; length < whole.length; length += 1) attempt(whole.subarray(0, length));
    expect(largest).toBeLessThanOrEqual(whole.length);
  });
});

/** A program with so much data in each of its segments. */
function dataOf(...sizes: readonly number[]): Executable {
  const segments = sizes.map((size) => ({ offset: 0, size, address: 0, writable: true, executable: false }));
  return { format: "pe", littleEndian: true, sections: [], segments };
}

describe("executables larger than what is looked at (SBOM-6)", () => {
  test("sections past the bound are told to every reader that asks about the file, though it is read once", () => {
    const count = 65_537;
    const head = elf(".text", Buffer.alloc(1), { wide: true, littleEndian: true });
    const bytes = Buffer.concat([head, Buffer.alloc(count * 64)]);
    bytes.writeBigUInt64LE(BigInt(head.length), 40);
    bytes.writeUInt16LE(0, 60);
    // The first section holds the number that does not fit into the header.
    bytes.writeBigUInt64LE(BigInt(count), head.length + 32);
    let reads = 0;
    const source = sourceOf(bytes);
    const counting: ByteSource = { size: source.size, readAt: (...place) => ((reads += 1), source.readAt(...place)) };
    const first = collectCuts(() => readExecutable(counting));
    const after = reads;
    const second = collectCuts(() => readExecutable(counting));
    expect(first.cuts).toEqual(["more than 65536 sections"]);
    expect(second).toEqual(first);
    expect(reads).toBe(after);
  });

  test("a number of sections that the file has no room for is no such bound", () => {
    const bytes = elf(".text", Buffer.alloc(1), { wide: true, littleEndian: true });
    bytes.writeUInt16LE(0xffff, 60);
    expect(collectCuts(() => readExecutable(sourceOf(bytes))).cuts).toEqual([]);
  });

  const zeros = Buffer.alloc(1_048_576 + 4096);
  const vast: ByteSource = { size: 2 ** 40, readAt: (_offset, length) => zeros.subarray(0, length) };
  const most = 512 * 1_048_576;

  test.each([
    ["Go build info", readGoBuildInfo],
    ["a .NET bundle", readBundledDependencies],
  ])("data past what is searched for %s is told", (what, search) => {
    const cutsOf = (...sizes: readonly number[]): readonly string[] =>
      collectCuts(() => search(vast, dataOf(...sizes))).cuts;
    expect(cutsOf(most)).toEqual([]);
    expect(cutsOf(most + 1)).toEqual([`more than ${most} bytes of data that are searched for ${what}`]);
  });

  test("lines of Go build info past the bound are told", () => {
    const variant = { wide: true, littleEndian: true };
    const cutsOf = (count: number): readonly string[] => {
      const file = sourceOf(elf(".go.buildinfo", inlineInfo("go1.22.3", "x\n".repeat(count)), variant));
      const executable = readExecutable(file);
      return executable === undefined ? [] : collectCuts(() => readGoBuildInfo(file, executable)).cuts;
    };
    // What follows the last line break counts as a line.
    expect(cutsOf(99_999)).toEqual([]);
    expect(cutsOf(100_000)).toEqual(["more than 100000 lines of Go build info"]);
  });

  test("all data of a program together is searched for a .NET bundle up to one bound", () => {
    const { cuts } = collectCuts(() => readBundledDependencies(vast, dataOf(most, 1, 1)));
    expect(cuts).toEqual([`more than ${most} bytes of data that are searched for a .NET bundle`]);
  });
});
