import { Buffer } from "node:buffer";
import { zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { decodeFrameAlone, FrameDecoder } from "./frame-decoder.ts";

const texts = ["", "a", "block\n".repeat(2_000), "x".repeat(300_000)].map((text) => Buffer.from(text));

test("one decoder gives what each of many frames holds, in any order", () => {
  using decoder = new FrameDecoder();
  for (const text of [...texts, ...texts.toReversed()]) {
    expect(decoder.decode(zstdCompressSync(text), text.length).equals(text)).toBe(true);
  }
});

test("what a smaller frame holds ends where it ends, whatever was decoded before", () => {
  using decoder = new FrameDecoder();
  decoder.decode(zstdCompressSync("a longer text"), 13);
  expect(decoder.decode(zstdCompressSync("short"), 5).toString()).toBe("short");
});

const text = Buffer.from(Array.from({ length: 500 }, (_, index) => `line ${index * 7_919}`).join("\n"));
const frame = zstdCompressSync(text);

const refused = [
  ["cut short", frame.subarray(0, frame.length - 1), text.length],
  ["cut after its header", frame.subarray(0, 9), text.length],
  ["empty", frame.subarray(0, 0), text.length],
  ["of something else", Buffer.from("no frame at all"), text.length],
  ["longer than was said", frame, text.length - 1],
  ["much longer than was said", frame, 10],
  ["shorter than was said", frame, text.length + 1],
] as const;
const followed = ["followed by other bytes", Buffer.concat([frame, Buffer.from("more")]), text.length] as const;

test.each([...refused, followed])("a frame that is %s is refused, and the next one is read", (_, wrong, sizeBytes) => {
  using decoder = new FrameDecoder();
  decoder.decode(frame, text.length);
  expect(() => decoder.decode(wrong, sizeBytes)).toThrow(expect.objectContaining({ code: "COMPRESSION_INVALID" }));
  expect(decoder.decode(frame, text.length).equals(text)).toBe(true);
});

test("a decoder that was given back opens itself anew", () => {
  const decoder = new FrameDecoder();
  decoder.decode(frame, text.length);
  decoder[Symbol.dispose]();
  expect(decoder.decode(frame, text.length).equals(text)).toBe(true);
  decoder[Symbol.dispose]();
});

test.each(refused)(
  "without what lies below Node's streams a frame that is %s is refused just so",
  (_, wrong, sizeBytes) => {
    expect(decodeFrameAlone(frame, text.length).equals(text)).toBe(true);
    expect(() => decodeFrameAlone(wrong, sizeBytes)).toThrow(expect.objectContaining({ code: "COMPRESSION_INVALID" }));
  },
);
