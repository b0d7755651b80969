import { describe, expect, test } from "vitest";
import { hasCode } from "@sc/model";
import { TarReader } from "./tar-reader.ts";
import { packTar, type TarWriterEntry } from "./tar-writer.ts";

async function* inPieces(text: string): AsyncGenerator<Uint8Array> {
  for (const letter of text) yield Buffer.from(letter);
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("x");
  throw new Error("connection lost");
}

const entries: readonly TarWriterEntry[] = [
  { path: "d", type: "directory" },
  { path: `d/${"long/".repeat(60)}ü.txt`, type: "file", content: Buffer.from("content"), mode: 0o600 },
  { path: "empty", type: "file" },
  { path: "streamed", type: "file", content: { size: 300, chunks: inPieces("x".repeat(300)) } },
  { path: "link", type: "symlink", linkPath: "d/elsewhere" },
  { path: "hard", type: "hardlink", linkPath: "empty" },
];

async function packed(given: readonly TarWriterEntry[]): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(packTar(given)));
}

describe("packTar", () => {
  test("writes what the reader reads", async () => {
    const seen: unknown[] = [];
    const reader = new TarReader(
      {
        entry: ({ path, type, size, mode, linkPath }) => (seen.push([path, type, size, mode, linkPath]), true),
        content: (piece) => (seen.push(Buffer.from(piece).toString()), true),
        contentEnd: () => undefined,
      },
      { where: "test" },
    );
    const [directory, file, empty, , link, hard] = entries;
    reader.push(await packed([directory, file, empty, link, hard].filter((entry) => entry !== undefined)));
    expect(reader.end()).toEqual({ entries: 5, trailingData: false });
    expect(seen).toEqual([
      ["d", "directory", 0, 0o755, ""],
      [file?.path, "file", 7, 0o600, ""],
      "content",
      ["empty", "file", 0, 0o644, ""],
      ["link", "symlink", 0, 0o777, "d/elsewhere"],
      ["hard", "hardlink", 0, 0o644, "empty"],
    ]);
  });

  test("the same entries give the same bytes, streamed or not", async () => {
    const streamed = { size: 300, chunks: inPieces("x".repeat(300)) };
    const one = await packed([{ path: "a", type: "file", content: streamed }]);
    const two = await packed([{ path: "a", type: "file", content: Buffer.from("x".repeat(300)) }]);
    expect(one.equals(two)).toBe(true);
    expect(one.toString("latin1", 136, 148)).toMatch(/^0+[ \0]$/);
  });

  test.each([299, 301])("a stream that has another size than was said is refused (%s)", async (size) => {
    const work = packed([{ path: "a", type: "file", content: { size, chunks: inPieces("x".repeat(300)) } }]);
    await expect(work).rejects.toSatisfy((error) => hasCode(error, "TAR_INVALID"));
  });

  test("passes on what a stream throws", async () => {
    const work = packed([{ path: "a", type: "file", content: { size: 2, chunks: failing() } }]);
    await expect(work).rejects.toThrow("connection lost");
  });
});
