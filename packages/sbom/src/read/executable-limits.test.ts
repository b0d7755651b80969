import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import type { ByteSource } from "./byte-fields.ts";
import { collectCuts } from "./cuts.ts";
import { readExecutable } from "./executable.ts";

function cutsOf(bytes: Buffer): readonly string[] {
  const source: ByteSource = { size: bytes.length, readAt: (at, length) => bytes.subarray(at, at + length) };
  return collectCuts(() => readExecutable(source)).cuts;
}

function pe(sections: number, there: number = sections): Buffer {
  const bytes = Buffer.alloc(64 + 24 + 240 + there * 40);
  bytes.write("MZ", 0);
  bytes.writeUInt32LE(64, 60);
  bytes.write("PE\0\0", 64);
  bytes.writeUInt16LE(sections, 64 + 6);
  bytes.writeUInt16LE(240, 64 + 20);
  bytes.writeUInt16LE(0x20b, 64 + 24);
  return bytes;
}

/** Commands of nothing, or of segments with a number of sections each. */
function machO(commands: number, sections: number = -1): Buffer {
  const bytesEach = sections < 0 ? 8 : 72 + sections * 80;
  const bytes = Buffer.alloc(32 + commands * bytesEach);
  bytes.writeUInt32LE(0xfeedfacf, 0);
  bytes.writeUInt32LE(commands, 16);
  bytes.writeUInt32LE(commands * bytesEach, 20);
  for (let at = 32; at < bytes.length; at += bytesEach) {
    bytes.writeUInt32LE(sections < 0 ? 1 : 0x19, at);
    bytes.writeUInt32LE(bytesEach, at + 4);
  }
  return bytes;
}

/** One section, which holds the names of sections. */
function elf(nameBytes: number): Buffer {
  const bytes = Buffer.alloc(64 + 64 + nameBytes);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes.writeBigUInt64LE(64n, 40);
  bytes.writeUInt16LE(64, 58);
  bytes.writeUInt16LE(1, 60);
  bytes.writeUInt32LE(3, 64 + 4);
  bytes.writeBigUInt64LE(128n, 64 + 24);
  bytes.writeBigUInt64LE(BigInt(nameBytes), 64 + 32);
  return bytes;
}

describe("of a program's tables what is past the bound is told (SBOM-2, G 25)", () => {
  test.each([
    ["sections of PE", pe(1000), pe(1001), "more than 1000 sections"],
    ["load commands of Mach-O", machO(10_000), machO(10_001), "more than 10000 load commands"],
    ["bytes of load commands", machO(1, 13_106), machO(2, 13_106), "more than 1048576 bytes of load commands"],
    ["sections of Mach-O", machO(1, 10_000), machO(1, 10_001), "more than 10000 sections"],
    ["names of sections of ELF", elf(1_048_576), elf(1_048_577), "more than 1048576 bytes of names of sections"],
  ])("%s", (_what, most, more, cut) => {
    expect(cutsOf(most).filter((one) => one === cut)).toEqual([]);
    expect(cutsOf(more)).toContain(cut);
  });

  test("a number of sections that the file has no room for is no such bound", () => {
    expect(cutsOf(pe(65_535, 3))).toEqual([]);
  });
});
