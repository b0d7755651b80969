import { crc32, deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { hasCode } from "@sc/model";
import { bufferAccess } from "./random-access.ts";
import { ZipReader } from "./zip-reader.ts";

interface Member {
  readonly path: string;
  readonly content?: string;
  readonly method?: number;
  /** Fields that lie, by where they stand. */
  readonly local?: { readonly path?: string; readonly method?: number };
  readonly central?: {
    readonly flags?: number;
    readonly crc?: number;
    readonly size?: number;
    readonly offset?: number;
  };
  readonly zip64?: boolean;
}

interface Parts {
  readonly prepended?: Uint8Array;
  readonly comment?: Uint8Array;
  /** What is added to the number of entries in the end record. */
  readonly extraEntries?: number;
  readonly zip64?: boolean;
}

/** Fields one after the other, each as [bytes, value]. */
function fields(...list: readonly (readonly [1 | 2 | 4 | 8, number])[]): Buffer {
  return Buffer.concat(
    list.map(([bytes, value]) => {
      const field = Buffer.alloc(8);
      field.writeBigUInt64LE(BigInt(value));
      return field.subarray(0, bytes);
    }),
  );
}

const full = 0xffff_ffff;

function buildLocal({ path, content = "", method = 8, local = {} }: Member): Buffer {
  const raw = Buffer.from(content);
  const data = packed(raw, method);
  const localPath = Buffer.from(local.path ?? path);
  const head = fields([4, 0x04034b50], [2, 20], [2, 0], [2, local.method ?? method], [4, 0], [4, crc32(raw)]);
  const sizes = fields([4, data.length], [4, raw.length], [2, localPath.length], [2, 0]);
  return Buffer.concat([head, sizes, localPath, data]);
}

function buildCentral({ path, content = "", method = 8, central = {}, zip64 = false }: Member, offset: number): Buffer {
  const raw = Buffer.from(content);
  const { length } = packed(raw, method);
  const { flags = 0, crc = crc32(raw), size = raw.length, offset: start = offset } = central;
  const extra = zip64 ? fields([2, 1], [2, 24], [8, size], [8, length], [8, start]) : Buffer.alloc(0);
  return Buffer.concat([
    fields([4, 0x02014b50], [2, 20], [2, 20], [2, flags], [2, method], [4, 0], [4, crc], [4, zip64 ? full : length]),
    fields([4, zip64 ? full : size], [2, Buffer.byteLength(path)], [2, extra.length], [2, 0]),
    fields([2, 0], [2, 0], [4, 0], [4, zip64 ? full : start]),
    Buffer.from(path),
    extra,
  ]);
}

function packed(raw: Buffer, method: number): Buffer {
  return method === 8 ? deflateRawSync(raw) : raw;
}

function buildZip(members: readonly Member[], parts: Parts = {}): Buffer {
  const { prepended = Buffer.alloc(0), comment = Buffer.alloc(0), extraEntries = 0, zip64 = false } = parts;
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const body = buildLocal(member);
    bodies.push(body);
    directory.push(buildCentral(member, offset));
    offset += body.length;
  }
  const central = Buffer.concat(directory);
  const count = members.length + extraEntries;
  const end64 = Buffer.concat([
    fields([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count]),
    fields([8, central.length], [8, offset]),
    fields([4, 0x07064b50], [4, 0], [8, offset + central.length], [4, 1]),
  ]);
  const [entries, bytes, start] = zip64 ? ([0xffff, full, full] as const) : ([count, central.length, offset] as const);
  const end = fields([4, 0x06054b50], [2, 0], [2, 0], [2, entries], [2, entries], [4, bytes], [4, start]);
  const tail = [...(zip64 ? [end64] : []), end, fields([2, comment.length]), comment];
  return Buffer.concat([prepended, ...bodies, central, ...tail]);
}

function readZip(bytes: Uint8Array): Record<string, string> {
  const zip = new ZipReader(bufferAccess(bytes), { where: "test.jar" });
  return Object.fromEntries([...zip.entries()].map((entry) => [entry.path, Buffer.from(zip.read(entry)).toString()]));
}

function failureOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

const members: readonly Member[] = [
  { path: "META-INF/", method: 0 },
  { path: "META-INF/MANIFEST.MF", content: "Manifest-Version: 1.0\n".repeat(100) },
  { path: "stored.txt", content: "as it is", method: 0 },
  { path: "ü/empty", content: "", method: 0 },
];
const wanted = Object.fromEntries(members.map(({ path, content = "" }) => [path, content]));

describe("ZipReader", () => {
  test("reads stored and deflated entries", () => {
    expect(readZip(buildZip(members))).toEqual(wanted);
    const zip = new ZipReader(bufferAccess(buildZip(members)), { where: "test" });
    expect([...zip.entries()].map(({ directory }) => directory)).toEqual([true, false, false, false]);
    expect(readZip(buildZip([]))).toEqual({});
  });

  test("gives only entries whose names are wanted, and of those whose sizes stand elsewhere all", () => {
    const names: string[] = [];
    const bytes = buildZip([...members, { path: "large.txt", content: "zip64", zip64: true }]);
    const zip = new ZipReader(bufferAccess(bytes), {
      where: "test",
      wanted: (name) => names.push(Buffer.from(name.bytes.subarray(name.start, name.end)).toString()) === 3,
    });
    const found = [...zip.entries()];
    expect(names).toEqual(members.map(({ path }) => path));
    expect(found.map(({ path }) => path)).toEqual(["stored.txt", "large.txt"]);
    expect(found.map((entry) => Buffer.from(zip.read(entry)).toString())).toEqual(["as it is", "zip64"]);
  });

  test.each([
    ["a prepended script", { prepended: Buffer.from("#!/bin/sh\nexec java -jar $0\n") }],
    ["a comment", { comment: Buffer.from("a comment") }],
    [
      "a comment that looks like an end record",
      { comment: Buffer.concat([fields([4, 0x06054b50]), Buffer.alloc(40)]) },
    ],
    ["ZIP64", { zip64: true }],
    ["ZIP64 after a prepended script", { zip64: true, prepended: Buffer.from("#!/bin/sh\n") }],
  ])("reads a zip with %s", (_, parts) => {
    expect(readZip(buildZip(members, parts))).toEqual(wanted);
  });

  test("reads sizes and offsets from ZIP64 fields (scan.md G.14)", () => {
    const large = members.map((member) => ({ ...member, zip64: true }));
    expect(readZip(buildZip(large, { zip64: true }))).toEqual(wanted);
  });

  test.each<[string, Buffer]>([
    ["nothing", Buffer.alloc(0)],
    ["no end record", Buffer.alloc(100)],
    ["a directory that is too short", buildZip(members, { extraEntries: 1 })],
    ["a cut file", buildZip(members).subarray(10)],
    ["another name in the local header", buildZip([{ path: "a", content: "x", local: { path: "b" } }])],
    ["another method in the local header", buildZip([{ path: "a", content: "x", local: { method: 0 } }])],
    ["a wrong checksum", buildZip([{ path: "a", content: "x", central: { crc: 1 } }])],
    ["a size that is too small", buildZip([{ path: "a", content: "xxxx", central: { size: 3 } }])],
    ["a size that is too large", buildZip([{ path: "a", content: "xxxx", central: { size: 5 } }])],
    ["an offset that leads elsewhere", buildZip([{ path: "a", content: "x", central: { offset: 3 } }])],
  ])("refuses %s", (_, bytes) => {
    const failure = failureOf(() => readZip(bytes));
    expect(hasCode(failure, "ZIP_INVALID"), String(failure)).toBe(true);
  });

  test("refuses entries that share their bytes, before any is inflated (scan.md G.13)", () => {
    const bomb = Array.from({ length: 50 }, (_, index): Member => ({
      path: "same",
      content: index === 0 ? "0".repeat(100_000) : "",
      ...(index === 0 ? {} : { central: { offset: 0 } }),
    }));
    const bytes = buildZip(bomb);
    // Every entry of the directory is made the first one.
    const zip = new ZipReader(bufferAccess(bytes), { where: "test" });
    const [first] = [...zip.entries()];
    const directory = bytes.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
    const record = bytes.subarray(directory, directory + 46 + "same".length);
    for (let index = 1; index < 50; index++) bytes.set(record, directory + index * record.length);
    expect(first?.compressedSize).toBeGreaterThan(50);
    const failure = failureOf(() => new ZipReader(bufferAccess(bytes), { where: "test" }));
    expect(hasCode(failure, "ZIP_INVALID"), String(failure)).toBe(true);
  });

  test("does not read what is encrypted or compressed otherwise (scan.md G.14)", () => {
    for (const member of [
      { path: "a", content: "x", central: { flags: 1 } },
      { path: "a", content: "x", method: 12 },
    ]) {
      const failure = failureOf(() => readZip(buildZip([member])));
      expect(hasCode(failure, "ZIP_UNSUPPORTED"), String(failure)).toBe(true);
    }
  });

  test("holds its limits", () => {
    const bytes = buildZip(members);
    const zip = new ZipReader(bufferAccess(bytes), { where: "test" });
    const [, manifest] = [...zip.entries()];
    const work = [
      () => manifest && zip.read(manifest, 100),
      () => new ZipReader(bufferAccess(bytes), { where: "test", limits: { maxZipEntries: 3 } }),
      () => new ZipReader(bufferAccess(bytes), { where: "test", limits: { maxZipDirectoryBytes: 50 } }),
    ];
    for (const attempt of work) expect(hasCode(failureOf(attempt), "ARCHIVE_LIMIT_EXCEEDED")).toBe(true);
  });

  test("never throws anything untyped, whatever bit of it is flipped", () => {
    const bytes = buildZip(members);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const failure = failureOf(() => readZip(flipped));
      if (failure !== undefined) expect(failure).toHaveProperty("code", expect.stringMatching(/^(ZIP|ARCHIVE)_/));
    }
  });
});
