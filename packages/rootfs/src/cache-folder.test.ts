import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { CacheFolder } from "./cache-folder.ts";

test.each([
  ["nothing", Buffer.alloc(0)],
  ["a small one", Buffer.from("some text")],
  ["a small one that is zstd itself", zstdCompressSync(Buffer.from("some text"))],
  ["a small one that only begins as zstd does", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3])],
  ["a large one", Buffer.alloc(1024 * 1024, "text ")],
])("what was stored is loaded again to the byte: %s (RUN-3)", async (_what, content) => {
  const directory = mkdtempSync(join(tmpdir(), "sc-cache-folder-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const notices: unknown[] = [];
  const onProgress = (notice: unknown): void => void notices.push(notice);
  const options = { directory, name: "test", magic: "test\n", maxBytes: 2 ** 21, onProgress };
  await new CacheFolder(options).store("one", content);
  expect(new CacheFolder(options).load("one", (bytes) => Buffer.from(bytes))).toEqual(Buffer.from(content));
  expect(notices).toEqual([]);
  // A large file takes the room of what it packs to.
  expect(statSync(join(directory, "one")).size).toBeLessThan(4096);
});
