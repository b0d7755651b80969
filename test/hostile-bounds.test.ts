import { deflateSync } from "node:zlib";
import { catalogers } from "@sc/sbom/catalogers";
import { elfFile } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { berkeleyValues } from "../packages/sbom/src/read/berkeley-hash.ts";
import { ndbRecords } from "../packages/sbom/src/read/ndb.ts";
import { SqliteFile } from "../packages/sbom/src/read/sqlite-file.ts";
import { berkeleyDatabase, ndbDatabase, rpmHeader } from "./rpm-database.ts";
import { sqliteDatabase } from "./rpm-sqlite.ts";

// Well-formed but for their size: without the bound what is found would be the same, so that nothing else shows it.

function read(id: string, path: string, bytes: Uint8Array): unknown {
  const cataloger = catalogers.find((one) => one.id === id);
  const text = (): string => Buffer.from(bytes).toString();
  const readAt = (offset: number, length: number): Uint8Array => bytes.subarray(offset, offset + length);
  return cataloger?.read({ path, size: bytes.length, mode: 0o755, bytes: () => bytes, text, readAt });
}

const refused = { kind: "problem", code: "RECORD_MALFORMED", path: "usr/bin/a", incomplete: true };

const crates = (blanks: number): Uint8Array =>
  elfFile(".dep-v0", deflateSync(`{"packages":[{"name":"a","version":"1.0.0","root":true}]}${" ".repeat(blanks)}`));

/** The length of a text as Go writes it: seven bits a byte, the lowest first. */
const lengthOf = (text: Uint8Array): Buffer => {
  const bytes: number[] = [];
  for (let left = text.length; ; left = Math.floor(left / 128)) {
    bytes.push(left < 128 ? left : (left % 128) + 128);
    if (left < 128) return Buffer.from(bytes);
  }
};

const modules = (bytes: number): Uint8Array => {
  const version = Buffer.from("go1.22.3");
  const list = Buffer.from(`${"-".repeat(16)}path\tx\nmod\tex.com/a\tv1.0.0\t\n${"\n".repeat(bytes)}${"-".repeat(16)}`);
  const head = Buffer.concat([Buffer.from("\u00ff Go buildinf:", "latin1"), Buffer.from([8, 2]), Buffer.alloc(16)]);
  return elfFile(".go.buildinfo", Buffer.concat([head, lengthOf(version), version, lengthOf(list), list]));
};

describe("lists in programs (SBOM-2)", () => {
  test("a list of crates that is larger unpacked than any is refused (G 26)", () => {
    expect(read("rust-binaries", "usr/bin/a", crates(1000))).not.toMatchObject({ kind: "problem" });
    expect(read("rust-binaries", "usr/bin/a", crates(8_388_608))).toMatchObject(refused);
  });

  test("a list of modules that is longer than any is refused (G 25)", () => {
    expect(read("go-binaries", "usr/bin/a", modules(1000))).not.toMatchObject({ kind: "problem" });
    expect(read("go-binaries", "usr/bin/a", modules(16 * 1_048_576))).toMatchObject(refused);
  });
});

describe("records of databases (SBOM-2)", () => {
  const record = rpmHeader({ name: "a", version: "1", release: "1" });
  const filler = Buffer.concat([record, Buffer.alloc(20_000)]);
  const readers = {
    "Berkeley DB": (most: number, damage: (what: string) => void) =>
      berkeleyValues(sourceOf(berkeleyDatabase([filler])), { maxRecordBytes: most, damage }),
    ndb: (most: number, damage: (what: string) => void) =>
      ndbRecords(sourceOf(ndbDatabase([filler])), { maxRecordBytes: most, damage }),
    SQLite: (most: number, damage: (what: string) => void) =>
      SqliteFile.open(sourceOf(sqliteDatabase([filler]).database), {
        wal: undefined,
        maxRowBytes: most,
        damage,
      })?.rows("Packages"),
  };

  test.each(Object.entries(readers))("one of %s that is larger than what is read is told (G 21–24)", (_, open) => {
    const damaged: string[] = [];
    const damage = (what: string): void => void damaged.push(what);
    expect([...(open(30_000, damage) ?? [])]).toHaveLength(1);
    expect(damaged).toEqual([]);
    expect([...(open(10_000, damage) ?? [])]).toHaveLength(0);
    expect(damaged.join()).toMatch(/of \d+ bytes/);
  });
});

function sourceOf(bytes: Uint8Array): {
  readonly size: number;
  readAt(offset: number, length: number): Uint8Array;
} {
  return { size: bytes.length, readAt: (offset, length) => bytes.subarray(offset, offset + length) };
}
