import { createCipheriv } from "node:crypto";
import zlib from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import { hasCode } from "@sc/model";
import { detectCompression } from "./compression.ts";
import { decompress, type DecompressOptions, decompressWith, type Inflate } from "./decompress.ts";
import { inflateDirectly, openDirectDecoder } from "./direct-inflate.ts";
import { Inflater } from "./inflater.ts";
import { inflateByStream } from "./stream-inflate.ts";

async function* chunksOf(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const text = Buffer.from("the same bytes again and again; ".repeat(50_000));
// Bytes that do not compress, the same in every run.
const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16, 7), Buffer.alloc(16)).update(Buffer.alloc(700_000));
const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
const gzip = (bytes: Uint8Array): Buffer => zlib.gzipSync(bytes, { level: 1 });
const zstd = (bytes: Uint8Array): Buffer => zlib.zstdCompressSync(bytes);

test("inflates gzip without WebAssembly as well, which V8 lacks where it may not make code", async () => {
  const idle = Inflater.open();
  vi.stubGlobal("WebAssembly", undefined);
  try {
    expect(openDirectDecoder({ where: "layer", compression: "gzip" })).toBeUndefined();
    const chunks = await Array.fromAsync(decompress(chunksOf(gzip(noise), 1000), { where: "layer" }));
    expect(Buffer.concat(chunks).equals(noise)).toBe(true);
  } finally {
    vi.unstubAllGlobals();
    idle?.close();
  }
});

/** Gives every chunk in the same memory. */
async function* reusing(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const room = new Uint8Array(3001);
  for (let at = 0; at < bytes.length; at += room.length) {
    const part = bytes.subarray(at, at + room.length);
    room.set(part);
    yield room.subarray(0, part.length);
  }
}

interface Wrong {
  readonly flags?: number;
  readonly method?: number;
  /** What is added to a field that is right. */
  readonly headerCrc?: number;
  readonly crc?: number;
  readonly size?: number;
}

/** A member of a gzip stream, with the fields that its flags tell of. @see https://www.rfc-editor.org/rfc/rfc1952#section-2.3 */
function member({ flags = 0, method = 8, headerCrc = 0, crc = 0, size = 0 }: Wrong): Buffer {
  const content = Buffer.from("member");
  const fields = [Buffer.from([0x1f, 0x8b, method, flags, 1, 2, 3, 4, 0, 3])];
  if ((flags & 4) !== 0) fields.push(Buffer.from([3, 0, 7, 8, 9]));
  if ((flags & 8) !== 0) fields.push(Buffer.from("name\0"));
  if ((flags & 16) !== 0) fields.push(Buffer.from("comment\0"));
  const header = Buffer.concat(fields);
  const check = Buffer.alloc((flags & 2) === 0 ? 0 : 2);
  if (check.length > 0) check.writeUInt16LE(((zlib.crc32(header) & 0xffff) + headerCrc) & 0xffff);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE((zlib.crc32(content) + crc) % 2 ** 32);
  trailer.writeUInt32LE(content.length + size, 4);
  return Buffer.concat([header, check, zlib.deflateRawSync(content), trailer]);
}

// One match of three bytes, from one byte before, in the fixed code; the member before it ends with "r".
const reachingBack = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x03, 0x02, 0x00]),
  Buffer.from(Uint32Array.of(zlib.crc32("rrr"), 3).buffer),
]);

const ways: readonly [string, Inflate][] = [
  ["directly", inflateDirectly],
  ["by streams", inflateByStream],
];

test.each(["gzip", "zstd"] as const)("this Node.js inflates %s directly", (compression) => {
  using decoder = openDirectDecoder({ where: "layer", compression });
  expect(decoder).toBeDefined();
});

describe.each(ways)("decompress, %s,", (_way, inflate) => {
  const decompressed = (source: AsyncIterable<Uint8Array>, options: DecompressOptions): AsyncIterable<Uint8Array> =>
    decompressWith(inflate, source, options);

  async function inflateAll(
    bytes: Uint8Array,
    { size, ...options }: Partial<DecompressOptions> & { size?: number } = {},
  ): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of decompressed(chunksOf(bytes, size), { where: "layer", ...options })) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  test("takes a source that writes over its chunks, and may do so with its own", async () => {
    for (const compressed of [gzip(noise), zstd(noise), noise]) {
      const parts: Uint8Array[] = [];
      const output = decompressed(reusing(compressed), { where: "layer", reuseOutput: true });
      for await (const chunk of output) parts.push(Uint8Array.from(chunk));
      expect(Buffer.concat(parts).equals(noise)).toBe(true);
    }
  });

  test.each([undefined, 1, 7, 1000, 65_536])(
    "gives the same bytes however they are cut (chunks of %s)",
    async (size) => {
      const short = text.subarray(0, size === 1 ? 3000 : text.length);
      for (const compressed of [gzip(short), zstd(short), short]) {
        expect((await inflateAll(compressed, size === undefined ? {} : { size })).equals(short)).toBe(true);
      }
    },
  );

  test("tells the compression by magic number and reports it first", async () => {
    const seen: string[] = [];
    const onCompression = (compression: string): unknown => seen.push(compression);
    for (const bytes of [gzip(text), zstd(text), Buffer.concat([skippable, zstd(text)]), text]) {
      await inflateAll(bytes, { onCompression });
    }
    expect(seen).toEqual(["gzip", "zstd", "zstd", "none"]);
    expect(detectCompression(Buffer.from([0x1f]))).toBe("none");
    expect(await inflateAll(Buffer.alloc(0))).toEqual(Buffer.alloc(0));
  });

  test("reads every member of a concatenated gzip stream", async () => {
    const members = Array.from({ length: 20_000 }, (_, index) => gzip(Buffer.from(`member ${index}\n`)));
    const wanted = Array.from({ length: 20_000 }, (_, index) => `member ${index}\n`).join("");
    expect((await inflateAll(Buffer.concat(members), { size: 100_000 })).toString()).toBe(wanted);
  });

  test.each([undefined, 3, 4096])("reads every frame of a concatenated zstd stream (chunks of %s)", async (size) => {
    const checked = zlib.zstdCompressSync(text, { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } });
    const bytes = Buffer.concat([
      skippable,
      zstd(text),
      skippable,
      checked,
      zstd(Buffer.alloc(0)),
      zstd(noise),
      skippable,
    ]);
    const wanted = Buffer.concat([text, text, noise]);
    expect((await inflateAll(bytes, size === undefined ? {} : { size })).equals(wanted)).toBe(true);
  });

  test.each([undefined, 1, 10])("accepts zeros after a gzip stream and nothing else (chunks of %s)", async (size) => {
    const chunked = size === undefined ? {} : { size };
    const stream = gzip(Buffer.from("content"));
    expect((await inflateAll(Buffer.concat([stream, Buffer.alloc(600)]), chunked)).toString()).toBe("content");
    for (const tail of [
      Buffer.from("garbage"),
      Buffer.concat([Buffer.alloc(40), Buffer.from("garbage")]),
      Buffer.concat([Buffer.alloc(40), stream]),
    ]) {
      const failure = await failureOf(inflateAll(Buffer.concat([stream, tail]), chunked));
      expect(hasCode(failure, "COMPRESSION_INVALID"), String(failure)).toBe(true);
    }
  });

  test("refuses a damaged stream, a cut stream and bytes after a zstd stream", async () => {
    const damaged = gzip(noise);
    damaged[damaged.length - 6] = (damaged[damaged.length - 6] ?? 0) ^ 1;
    const cases = [
      damaged,
      gzip(text).subarray(0, -3),
      zstd(noise).subarray(0, -3),
      Buffer.concat([zstd(text), Buffer.from("tail")]),
      Buffer.concat([zstd(text), Buffer.alloc(16)]),
      Buffer.from([0x1f, 0x8b, 0x08, 0xff, 0xff]),
    ];
    for (const bytes of cases) {
      const failure = await failureOf(inflateAll(bytes));
      expect(hasCode(failure, "COMPRESSION_INVALID"), String(failure)).toBe(true);
    }
  });

  test.each([undefined, 1, 7])("reads every field of a member's header (chunks of %s)", async (size) => {
    const stream = Buffer.concat([member({}), member({ flags: 0x1e }), member({ flags: 2 }), member({ flags: 8 })]);
    expect((await inflateAll(stream, size === undefined ? {} : { size })).toString()).toBe("member".repeat(4));
  });

  test.each([
    ["a header with a wrong checksum", member({ flags: 0x1e, headerCrc: 1 })],
    ["reserved flags", member({ flags: 0x20 })],
    [
      "another member's wrong first bytes",
      Buffer.concat([member({}), Buffer.from([0x1f, 0x8c]), member({}).subarray(2)]),
    ],
    ["a match that reaches into the member before", Buffer.concat([member({}), reachingBack])],
    ["another method than deflate", Buffer.concat([member({}), member({ method: 7 })])],
    ["a wrong checksum of the content", member({ crc: 1 })],
    ["a wrong size of the content", member({ size: 1 })],
    ["a header that never ends", Buffer.concat([member({ flags: 8 }).subarray(0, 10), Buffer.alloc(600_000, "a")])],
  ])("refuses %s", async (_what, stream) => {
    const failure = await failureOf(inflateAll(stream));
    expect(hasCode(failure, "COMPRESSION_INVALID"), String(failure)).toBe(true);
  });

  test("stops a bomb by ratio and by size", async () => {
    const bomb = gzip(Buffer.alloc(8 * 2 ** 20));
    const byRatio = await failureOf(inflateAll(bomb, { limits: { ratioGraceBytes: 2 ** 20 } }));
    expect(hasCode(byRatio, "ARCHIVE_LIMIT_EXCEEDED"), String(byRatio)).toBe(true);
    const bySize = await failureOf(inflateAll(bomb, { limits: { maxOutputBytes: 4 * 2 ** 20 } }));
    expect(hasCode(bySize, "ARCHIVE_LIMIT_EXCEEDED"), String(bySize)).toBe(true);
    expect(await inflateAll(bomb)).toHaveLength(8 * 2 ** 20);
  });

  test("content that was never compressed is no bomb, however large its first chunk", async () => {
    const content = Buffer.alloc(2 ** 21, "tar");
    const inflated = await inflateAll(content, { limits: { ratioGraceBytes: 2 ** 20 } });
    expect(inflated.equals(content)).toBe(true);
  });

  test("passes on what its source throws, and closes the source when the consumer stops", async () => {
    let closed = false;
    async function* failing(): AsyncGenerator<Uint8Array> {
      try {
        yield gzip(noise);
        throw new Error("connection lost");
      } finally {
        closed = true;
      }
    }
    const work = Array.fromAsync(decompressed(failing(), { where: "layer" }));
    await expect(work).rejects.toThrow("connection lost");
    expect(closed).toBe(true);

    closed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield gzip(noise);
      } finally {
        closed = true;
      }
    }
    for await (const chunk of decompressed(endless(), { where: "layer" })) if (chunk.length > 0) break;
    await expect.poll(() => closed).toBe(true);
  });

  test("stops at once when aborted, even when the source never answers", async () => {
    const controller = new AbortController();
    async function* stuck(): AsyncGenerator<Uint8Array> {
      yield gzip(noise).subarray(0, 100_000);
      controller.abort(new Error("enough"));
      await new Promise(() => undefined);
    }
    const work = Array.fromAsync(decompressed(stuck(), { where: "layer", signal: controller.signal }));
    await expect(work).rejects.toThrow("enough");
  });
});
