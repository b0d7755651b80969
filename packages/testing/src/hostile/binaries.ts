import { Buffer } from "node:buffer";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { type HostileInput, noise } from "./input.ts";

/** A head of some kind, and noise for the rest of it. */
function headed(name: string, write: (bytes: Buffer) => void): HostileInput {
  return {
    name,
    bytes: (length) => {
      const bytes = Buffer.from(noise(Math.max(length, 4096)));
      write(bytes);
      return bytes.subarray(0, length);
    },
  };
}

/** As SQLite begins a database. */
function sqliteHead(bytes: Buffer): void {
  bytes.fill(0, 0, 512);
  bytes.write("SQLite format 3\0", 0, "latin1");
  bytes.writeUInt16BE(512, 16);
  bytes.writeUInt32BE(1, 56);
}

/** Interior pages all of whose children are the next page, and the last one a leaf. */
function sqliteLadder(bytes: Buffer): void {
  sqliteHead(bytes);
  for (let page = 1; page * 512 <= bytes.length; page += 1) {
    const start = page === 1 ? 100 : (page - 1) * 512;
    bytes.writeUInt8(5, start);
    bytes.writeUInt16BE(100, start + 3);
    bytes.writeUInt32BE(page + 1, start + 8);
    for (let at = start + 12; at + 2 <= page * 512; at += 2) bytes.writeUInt16BE(508, at);
    bytes.writeUInt32BE(page + 1, page * 512 - 4);
  }
}

/** Pages of records of a Berkeley DB, and pages that long records go on in, by turns. */
function berkeleyHead(bytes: Buffer): void {
  bytes.fill(0, 0, 512);
  bytes.writeUInt32LE(0x00061561, 12);
  bytes.writeUInt32LE(512, 20);
  bytes.writeUInt8(8, 25);
  bytes.writeUInt32LE(0xffffffff, 32);
  for (let page = 1; page * 512 + 26 <= bytes.length; page += 1) {
    bytes.writeUInt8(page % 2 === 0 ? 13 : 7, page * 512 + 25);
  }
}

/** Slots of a database of SUSE's kind that all point to the same long record. */
function ndbHead(bytes: Buffer): void {
  bytes.fill(0, 0, 32);
  bytes.write("RpmP", 0, "latin1");
  bytes.writeUInt32LE(0xffffffff, 12);
  for (let at = 32; at + 16 <= bytes.length; at += 16) {
    bytes.write("Slot", at, "latin1");
    bytes.writeUInt32LE(at, at + 4);
    bytes.writeUInt32LE(0, at + 8);
    bytes.writeUInt32LE(1000, at + 12);
  }
}

/** Names that the readers of archives look for. */
const memberNames = [
  "META-INF/maven/g/a/pom.properties",
  "a-1.dist-info/METADATA",
  "package.json",
  "extension/package.json",
];

/** An archive of as many members as there is room for, their names the same over and over or each another. */
function zip(name: string, memberName: (at: number) => string): HostileInput {
  return {
    name,
    bytes: (length) => {
      const locals: Buffer[] = [];
      const directory: Buffer[] = [];
      let size = 22;
      for (let at = 0, offset = 0; ; at += 1) {
        const path = Buffer.from(memberName(at));
        size += 76 + 2 * path.length;
        if (size > length) break;
        const local = Buffer.concat([Buffer.alloc(30), path]);
        local.write("PK\u0003\u0004", 0, "latin1");
        local.writeUInt16LE(path.length, 26);
        const entry = Buffer.concat([Buffer.alloc(46), path]);
        entry.write("PK\u0001\u0002", 0, "latin1");
        entry.writeUInt16LE(path.length, 28);
        entry.writeUInt32LE(offset, 42);
        locals.push(local);
        directory.push(entry);
        offset += local.length;
      }
      const [body, table] = [Buffer.concat(locals), Buffer.concat(directory)];
      const end = Buffer.alloc(22);
      end.write("PK\u0005\u0006", 0, "latin1");
      end.writeUInt16LE(Math.min(locals.length, 0xffff), 8);
      end.writeUInt16LE(Math.min(locals.length, 0xffff), 10);
      end.writeUInt32LE(table.length, 12);
      end.writeUInt32LE(body.length, 16);
      return Buffer.concat([body, table, end]);
    },
  };
}

/** A little-endian ELF file of 64 bits with one section of a name, and one writable segment over it. */
export function elfFile(section: string, content: Uint8Array, type: number = 1): Buffer {
  const names = Buffer.from(`\0${section}\0.shstrtab\0`);
  const bytes = Buffer.alloc(120 + content.length + names.length + 192);
  const namesAt = 120 + content.length;
  const tableAt = namesAt + names.length;
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  const head = [
    [2, 16],
    [62, 18],
    [64, 52],
    [56, 54],
    [1, 56],
    [64, 58],
    [3, 60],
    [2, 62],
  ] as const;
  for (const [value, at] of head) bytes.writeUInt16LE(value, at);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeBigUInt64LE(BigInt(tableAt), 40);
  bytes.writeUInt32LE(type === 7 ? 4 : 1, 64);
  bytes.writeUInt32LE(6, 68);
  for (const [value, at] of [
    [120, 72],
    [120, 80],
    [120, 88],
    [content.length, 96],
    [content.length, 104],
  ] as const) {
    bytes.writeBigUInt64LE(BigInt(value), at);
  }
  bytes.set(content, 120);
  bytes.set(names, namesAt);
  const sections = [
    [1, type, 120, content.length],
    [section.length + 2, 3, namesAt, names.length],
  ] as const;
  sections.forEach(([nameAt, kind, offset, size], index) => {
    const at = tableAt + 64 * (index + 1);
    bytes.writeUInt32LE(nameAt, at);
    bytes.writeUInt32LE(kind, at + 4);
    bytes.writeBigUInt64LE(BigInt(offset), at + 16);
    bytes.writeBigUInt64LE(BigInt(offset), at + 24);
    bytes.writeBigUInt64LE(BigInt(size), at + 32);
  });
  return bytes;
}

/** As many whole lines as there is room for. */
function lines(length: number, line: (at: number) => string): string {
  const count = Math.max(0, Math.floor((length - 600) / line(99_999).length));
  return Array.from({ length: count }, (_, at) => line(at)).join("");
}

/** A number as Go writes lengths. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return Buffer.from([...bytes, left]);
}

function goProgram(text: string): Buffer {
  const head = Buffer.alloc(32);
  head.write("\u00ff Go buildinf:", 0, "latin1");
  head.set([8, 2], 14);
  const [version, info] = [Buffer.from("go1.22.0"), Buffer.from(text)];
  return elfFile(".go.buildinfo", Buffer.concat([head, varint(version.length), version, varint(info.length), info]), 1);
}

function note(json: string): Buffer {
  const content = Buffer.from(`${json}\0`.padEnd(Math.ceil((json.length + 1) / 4) * 4, "\0"));
  const head = Buffer.alloc(16);
  head.writeUInt32LE(4, 0);
  head.writeUInt32LE(content.length, 4);
  head.writeUInt32LE(0xcafe1a7e, 8);
  head.write("FDO\0", 12, "latin1");
  return Buffer.concat([head, content]);
}

/** An ELF file whose table of sections has as many entries as there is room for. */
function manySections(length: number): Buffer {
  const bytes = elfFile(".note.package", Buffer.alloc(0), 7);
  const table = bytes.subarray(bytes.length - 192);
  const times = Math.min(65_000, Math.max(3, Math.floor((length - bytes.length) / 64)));
  const long = Buffer.concat([bytes, ...Array.from({ length: times - 3 }, () => table.subarray(64, 128))]);
  long.writeUInt16LE(times, 60);
  return long;
}

/** Files that are no text: databases, archives and programs. */
export const binaries: readonly HostileInput[] = [
  { name: "noise", bytes: noise },
  headed("a database of SQLite, then noise", sqliteHead),
  headed("a ladder of pages of SQLite", sqliteLadder),
  headed("a database of Berkeley DB, then noise", berkeleyHead),
  headed("slots of a database", ndbHead),
  zip("an archive of many members", (at) => `m${at}.class`),
  zip("an archive of one member over and over", (at) => memberNames[at % memberNames.length] ?? ""),
  zip("an archive of archives", (at) => `BOOT-INF/lib/a-${at}.jar`),
  { name: "gzip of blanks", bytes: (length) => gzipSync(Buffer.alloc(length * 64, " ")) },
  { name: "zstd of blanks", bytes: (length) => zstdCompressSync(Buffer.alloc(length * 64, " ")) },
  {
    name: "a Go program of many modules",
    bytes: (length) => {
      const modules = lines(length, (at) => `dep\tex.com/a${at}\tv1.0.0\th1:x=\n`);
      return goProgram(`${"x".repeat(16)}path\tex.com/a\n${modules}${"y".repeat(16)}`);
    },
  },
  {
    name: "a Go program of many settings",
    bytes: (length) => {
      const settings = lines(length, (at) => `build\t-ldflags="-X a.version=${at}"\n`);
      return goProgram(`${"x".repeat(16)}path\tex.com/a\nmod\tex.com/a\t(devel)\n${settings}${"y".repeat(16)}`);
    },
  },
  {
    name: "a Rust program of many crates",
    bytes: (length) => {
      const crates = lines(
        length,
        (at) => `{"name":"a${at}","version":"1.0.0","source":"crates.io","dependencies":[${at}]},`,
      );
      return elfFile(".dep-v0", deflateSync(`{"packages":[${crates.slice(0, -1)}]}`), 1);
    },
  },
  {
    name: "a program of many notes",
    bytes: (length) => {
      const one = note('{"type":"rpm","name":"a","version":"1"}');
      return elfFile(
        ".note.package",
        Buffer.concat(Array.from({ length: Math.max(0, Math.floor((length - 600) / one.length)) }, () => one)),
        7,
      );
    },
  },
  { name: "a program of many sections", bytes: manySections },
];
