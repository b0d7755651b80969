import { mkdtemp, readdir, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readUserFile, writeUserFile } from "./files.ts";

const directory = await mkdtemp(join(tmpdir(), "sc-files-"));

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("half");
  throw new Error("the source broke");
}

describe("files a user names", () => {
  test("a file is written whole, below directories that did not exist", async () => {
    await writeUserFile(join(directory, "deep/er/a.json"), Buffer.from("{}"));
    expect(await readFile(join(directory, "deep/er/a.json"), "utf8")).toBe("{}");
  });

  test("a private file is readable by its owner only", async () => {
    await writeUserFile(join(directory, "key"), Buffer.from("k"), { mode: 0o600 });
    expect((await stat(join(directory, "key"))).mode & 0o777).toBe(0o600);
  });

  test("what breaks on the way leaves nothing behind, not even a part", async () => {
    await expect(writeUserFile(join(directory, "broken/x"), failing())).rejects.toThrow("the source broke");
    expect(await readdir(join(directory, "broken"))).toEqual([]);
  });

  test("a file of any size is read whole, also where its size is not known before", async () => {
    for (const size of [0, 1, 65_536, 200_000]) {
      const content = Buffer.alloc(size, "ab");
      await writeUserFile(join(directory, "sized"), content);
      expect(Buffer.compare(await readUserFile(join(directory, "sized"), { maxBytes: 200_000 }), content)).toBe(0);
    }
    // Files of /proc say that they have no bytes.
    expect((await readUserFile("/proc/self/status", { maxBytes: 1_000_000 })).length).toBeGreaterThan(100);
  });

  test("a source without end is given up at the bound", async () => {
    await expect(readUserFile("/dev/zero", { maxBytes: 300_000 })).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
      message: expect.stringContaining("more than 300000"),
    });
  });

  test("a missing, a too large and an unwritable file are told apart by code", async () => {
    await expect(readUserFile(join(directory, "none"), { maxBytes: 10 })).rejects.toMatchObject({
      code: "FILE_MISSING",
    });
    await writeUserFile(join(directory, "big"), Buffer.alloc(11));
    await expect(readUserFile(join(directory, "big"), { maxBytes: 10 })).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
    });
    await expect(readUserFile(join(directory, "."), { maxBytes: 1e6 })).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
    });
    await expect(writeUserFile(join(directory, "big/under"), Buffer.from(""))).rejects.toMatchObject({
      code: "FILE_UNWRITABLE",
    });
  });
});
