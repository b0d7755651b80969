import { Buffer } from "node:buffer";
import type { FileEntry } from "@sc/rootfs";
import { describe, expect, test } from "vitest";
import { executableParts } from "./executable-parts.ts";
import { ProgramSearch } from "./program-search.ts";

const elf = "\u007fELF\u0002\u0001\u0001";
const windowBytes = 262_144;

type Header = readonly [type: number, flags: number, offset: number, size: number];
const [load, note] = [1, 4];

/** The first 4 KiB of a program with those segments. */
function firstBytes(headers: readonly (Header | undefined)[]): Buffer {
  const bytes = Buffer.alloc(4096);
  bytes.write(elf, "latin1");
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(headers.length, 56);
  for (const [index, [type, flags, offset, length] = [0, 0, 0, 0]] of headers.entries()) {
    const at = 64 + 56 * index;
    bytes.writeUInt32LE(type, at);
    bytes.writeUInt32LE(flags, at + 4);
    bytes.writeBigUInt64LE(BigInt(offset), at + 8);
    bytes.writeBigUInt64LE(BigInt(length), at + 32);
  }
  return bytes;
}

/** What a program of that name and with texts at those places is told to be, from pieces of so many bytes. */
function told(path: string, texts: Readonly<Record<number, string>>, pieceBytes: number): (string | number)[] {
  const content = Buffer.alloc(3 * windowBytes);
  for (const [at, text] of Object.entries({ 0: elf, ...texts })) content.write(text, Number(at), "latin1");
  return searched(path, content, pieceBytes);
}

/** What a program is told to be, and how much of it was looked at. */
function searched(path: string, content: Buffer, pieceBytes: number): (string | number)[] {
  const search = new ProgramSearch({ path, type: "file", size: content.length, mode: 0o755 });
  let at = 0;
  while (at < content.length && search.push(content.subarray(at, at + pieceBytes))) at += pieceBytes;
  const { name = "", version = "" } = search.finish() ?? {};
  return [name, version, Math.min(at, content.length)];
}

describe("a program that passes", () => {
  test("is told by a version across the border of what is searched at once (SBOM-2)", () => {
    for (let at = windowBytes - 530; at < windowBytes + 130; at += 13) {
      expect(told("bin/node", { [at]: "node.js/v24.1.0" }, 65_537).slice(0, 2)).toEqual(["node", "24.1.0"]);
      const released = told(
        "bin/haproxy",
        { [at]: "HAProxy 3.2.4-0123456789abcdef0123456789abcdef, released 2025/08/13" },
        70_000,
      );
      expect(released.slice(0, 2)).toEqual(["haproxy", "3.2.4"]);
    }
  });

  test("is told by the first of its patterns that fits, wherever that stands", () => {
    const texts = { 100: "\0v4.2.1\0", 200: "\0v6.1.1\0", 600_000: "node.js/v24.1.0" };
    expect(told("bin/node", texts, 4096).slice(0, 2)).toEqual(["node", "24.1.0"]);
    expect(told("bin/node", { 100: "\0v6.1.1\0", 600_000: "\0v4.2.1\0" }, 4096).slice(0, 2)).toEqual(["node", "4.2.1"]);
    expect(told("bin/java", { 100: "\0java\x000.0\x0021.0.1+2\0" }, 4096).slice(0, 2)).toEqual(["jre", "21.0.1+2"]);
  });

  test("has to hold what is required of it, before its version or behind it", () => {
    expect(told("bin/zstd", { 600_000: "\0v1.5.6\0" }, 4096).slice(0, 2)).toEqual(["", ""]);
    expect(told("bin/zstd", { 100: "\0v1.5.6\0", 600_000: "Zstandard" }, 4096).slice(0, 2)).toEqual(["zstd", "1.5.6"]);
  });

  test("is told though texts like that of its version stand in it by the thousand, but not behind a NUL", () => {
    const texts = { 99: "Zstandard", 1000: "_v1.".repeat(30_000), 600_000: "\0v1.5.6\0" };
    expect(told("bin/zstd", texts, 4096).slice(0, 2)).toEqual(["zstd", "1.5.6"]);
  });

  test("is not searched where linkers put nothing but code, and further on where constants stand (SBOM-2)", () => {
    const megabyte = 1_048_576;
    const constants: Header = [load, 4, 0, 300_000];
    const code: Header = [load, 5, 300_000, 2 * megabyte];
    const more: Header = [load, 4, 300_000 + 2 * megabyte, 600_000];
    const size = 300_000 + 2 * megabyte + 600_000;
    const [inCode, behind] = [300_000 + megabyte, 300_000 + 2 * megabyte];
    const version = (headers: readonly Header[], texts: Readonly<Record<number, string>>, bytes = size): string => {
      const content = Buffer.alloc(bytes);
      firstBytes(headers).copy(content);
      for (const [at, text] of Object.entries(texts)) content.write(text, Number(at), "latin1");
      const pieces = [4096, 65_537, bytes];
      return [...new Set(pieces.map((piece) => searched("bin/node", content, piece)[1]))].join(" or ");
    };
    for (const at of [299_000, behind, behind + 3, behind + 500_000, size - 16]) {
      const texts = { [inCode]: "node.js/v1.2.3", [at]: "node.js/v24.1.0" };
      expect(version([constants, code, more], texts), `at ${at}`).toBe("24.1.0");
    }
    // Half of it before the code and half behind is no text.
    expect(version([constants, code, more], { 299_995: "node.", [behind]: "js/v24.1.0" })).toBe("");
    const texts = { [inCode]: "node.js/v1.2.3" };
    expect(version([constants, code, more], texts)).toBe("");
    // Without a segment for constants they stand among the code; and a file that is cut may be pieced together.
    expect(version([code], texts)).toBe("1.2.3");
    expect(version([constants, code, more], texts, size - 1)).toBe("1.2.3");
  });

  test("is not looked at further once it is told, nor where it is no executable", () => {
    expect(told("bin/node", { 100: "node.js/v24.1.0" }, 4096)[2]).toBeLessThan(windowBytes);
    expect(told("bin/node", { 0: "#!/bin/sh node.js/v24.1.0" }, 4096)).toEqual(["", "", windowBytes - 4096]);
  });
});

/** Whether all of a stretch is held. */
function holds(parts: ReturnType<typeof executableParts>, start: number, end: number): boolean {
  return parts?.some((part) => part.start <= start && part.end >= end) === true;
}

describe("the parts of a large program", () => {
  const size = 1_000_000;
  const entry: FileEntry = { path: "bin/program", type: "file", size, mode: 0o755 };
  const [code, constants, data]: readonly Header[] = [
    [load, 5, 0, 300_000],
    [load, 4, 300_000, 300_000],
    [load, 6, 600_000, 50_000],
  ];
  test("are its headers, its notes, its data and what is not loaded, without code and constants", () => {
    const parts = executableParts(firstBytes([code, constants, data, [note, 4, 400_000, 64]]), entry);
    expect(holds(parts, 0, 4096)).toBe(true);
    expect(holds(parts, 400_000, 400_064)).toBe(true);
    expect(holds(parts, 600_000, 650_000)).toBe(true);
    expect(holds(parts, 650_000, size)).toBe(true);
    expect(parts?.some(({ start, end }) => start < 400_000 && end > 4096)).toBe(false);
    expect(parts?.some(({ start, end }) => start < 600_000 && end > 400_064)).toBe(false);
  });

  test("are all of it where the first bytes do not tell", () => {
    expect(executableParts(Buffer.from("MZ".padEnd(4096)), entry)).toBeUndefined();
    expect(executableParts(firstBytes([code, constants, data]).subarray(0, 100), entry)).toBeUndefined();
  });
});
