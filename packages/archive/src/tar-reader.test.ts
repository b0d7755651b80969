import { buffer } from "node:stream/consumers";
import { extract, type Header, pack } from "tar-stream";
import { describe, expect, test } from "vitest";
import type { TarVisitor } from "./tar-entry.ts";
import { TarReader } from "./tar-reader.ts";

/** What passes, as data: one row an entry, with its content. */
function readTar(bytes: Uint8Array, cuts: Iterable<number> = [bytes.length]): (readonly unknown[])[] {
  const rows: unknown[][] = [];
  const content: Buffer[] = [];
  const visitor: TarVisitor = {
    entry(entry) {
      rows.push([entry.path, entry.type, entry.size, entry.mode, entry.linkPath]);
      return true;
    },
    content(piece) {
      content.push(Buffer.from(piece));
      return true;
    },
    contentEnd() {
      rows.at(-1)?.push(Buffer.concat(content).toString("latin1"));
      content.length = 0;
    },
  };
  const reader = new TarReader(visitor, { where: "test" });
  let at = 0;
  for (const cut of cuts) {
    reader.push(bytes.subarray(at, at + cut));
    at += cut;
    if (at >= bytes.length) break;
  }
  reader.end();
  return rows;
}

/** The same rows by tar-stream. */
async function readByTarStream(bytes: Uint8Array): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  const reader = extract();
  reader.end(bytes);
  for await (const entry of reader) {
    const { header } = entry;
    const content = await buffer(entry);
    const file = header.type === "file";
    const type = header.type === "link" ? "hardlink" : header.type;
    const row = [header.name, type, file ? header.size : 0, header.mode, header.linkname ?? ""];
    rows.push(file ? [...row, content.toString("latin1")] : row);
  }
  return rows;
}

interface Given extends Partial<Header> {
  readonly name: string;
  readonly content?: string;
}

async function packTar(entries: readonly Given[]): Promise<Buffer> {
  const packer = pack();
  for (const { content = "", ...header } of entries) packer.entry(header, content);
  packer.finalize();
  return buffer(packer);
}

/** A small generator of numbers, the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

function arbitraryEntries(seed: number): Given[] {
  const random = numbers(seed);
  const below = (limit: number): number => Math.floor(random.next().value * limit);
  const name = (): string => {
    const length = below(8) === 0 ? 90 + below(150) : 1 + below(20);
    return Array.from({ length }, () => "abcé/.x-_ü漢"[below(11)] ?? "a").join("");
  };
  return Array.from({ length: 40 }, (): Given => {
    const kind = below(6);
    if (kind === 0) return { name: `d${name()}`, type: "directory", mode: 0o755 };
    if (kind === 1) return { name: `s${name()}`, type: "symlink", linkname: name(), mode: 0o777 };
    if (kind === 2) return { name: `h${name()}`, type: "link", linkname: `t${name()}` };
    const content = "content;".repeat(below(400)).slice(below(8));
    return { name: `f${name()}`, content, mode: below(0o7777) };
  });
}

describe("TarReader", () => {
  test("sees what tar-stream sees", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const bytes = await packTar(arbitraryEntries(seed));
      expect(readTar(bytes)).toEqual(await readByTarStream(bytes));
    }
  });

  test("gives the same events for every cutting of the same bytes", async () => {
    const bytes = await packTar(arbitraryEntries(99));
    const wanted = readTar(bytes);
    expect(readTar(bytes, repeat(1))).toEqual(wanted);
    for (const size of [2, 511, 512, 513, 4096]) expect(readTar(bytes, repeat(size))).toEqual(wanted);
    for (let seed = 1; seed <= 20; seed++) {
      const random = numbers(seed);
      expect(
        readTar(
          bytes,
          random.map((value) => 1 + Math.floor(value * 1500)),
        ),
      ).toEqual(wanted);
    }
  });
});

function* repeat(size: number): Generator<number, never> {
  for (;;) yield size;
}
