import { describe, expect, test } from "vitest";
import { hasCode } from "@sc/model";
import { paxHeader, tarBody, tarEnd, tarHeader } from "@sc/testing";
import type { ArchiveLimits } from "./limits.ts";
import type { TarSummary } from "./tar-entry.ts";
import { TarReader } from "./tar-reader.ts";

interface Read {
  readonly rows: readonly (readonly [string, string, string])[];
  readonly globals: readonly ReadonlyMap<string, string>[];
  readonly summary: TarSummary;
}

/** Reads a tar in chunks of so many bytes. */
function read(
  parts: readonly Uint8Array[],
  { chunk = 700, limits = {} }: { chunk?: number; limits?: Partial<ArchiveLimits> } = {},
): Read {
  const bytes = Buffer.concat(parts);
  const rows: [string, string, string][] = [];
  const globals: ReadonlyMap<string, string>[] = [];
  const reader = new TarReader(
    {
      entry: ({ path, type, linkPath }) => (rows.push([path, type, linkPath]), true),
      content: (piece) => {
        const row = rows.at(-1);
        if (row !== undefined) row[2] += Buffer.from(piece).toString("latin1");
        return true;
      },
      contentEnd: () => undefined,
      globalRecords: (records) => globals.push(records),
    },
    { where: "test", limits },
  );
  for (let at = 0; at < bytes.length; at += chunk) reader.push(bytes.subarray(at, at + chunk));
  return { rows, globals, summary: reader.end() };
}

/** The code that reading ends with. */
function codeOf(
  parts: readonly Uint8Array[],
  options: { chunk?: number; limits?: Partial<ArchiveLimits> } = {},
): string {
  try {
    read(parts, options);
  } catch (error) {
    for (const code of ["TAR_INVALID", "TAR_TRUNCATED", "ARCHIVE_LIMIT_EXCEEDED"])
      if (hasCode(error, code)) return code;
    throw error;
  }
  return "none";
}

const text = (content: string): Uint8Array => tarBody(Buffer.from(content));
const file = (path: string, content: string): Uint8Array =>
  Buffer.concat([tarHeader({ path, size: Buffer.byteLength(content) }), text(content)]);
const long = (typeflag: "L" | "K", name: string): Uint8Array =>
  Buffer.concat([tarHeader({ path: "././@LongLink", size: name.length + 1, typeflag }), text(`${name}\0`)]);
const gnu = "ustar  \0";
const numbers = (at: number, ...values: readonly number[]): Record<number, Uint8Array> =>
  Object.fromEntries(
    values.map((value, index) => [at + 12 * index, Buffer.from(`${value.toString(8).padStart(11, "0")}\0`)]),
  );

describe("headers", () => {
  test("of v7, ustar, star and GNU name their entries as Go reads them", () => {
    const star = tarHeader({ path: "name", prefix: "star", overwrite: { 508: Buffer.from("tar\0") } });
    const parts = [
      tarHeader({ path: "v7", magic: "\0", prefix: "not-a-prefix" }),
      tarHeader({ path: "name", prefix: "ustar/prefix" }),
      star,
      tarHeader({ path: "gnu", magic: gnu, overwrite: numbers(345, 1, 2) }),
      tarHeader({ path: "early-go", magic: gnu, prefix: "mislaid" }),
      tarEnd(),
    ];
    expect(read(parts).rows.map(([path]) => path)).toEqual([
      "v7",
      "ustar/prefix/name",
      "star/name",
      "gnu",
      "mislaid/early-go",
    ]);
  });

  test("of v7 with a name that ends with a slash are directories", () => {
    const parts = [
      tarHeader({ path: "d/", typeflag: "\0", magic: "\0" }),
      tarHeader({ path: "f", typeflag: "\0", magic: "\0" }),
    ];
    expect(read(parts).rows.map(([, type]) => type)).toEqual(["directory", "file"]);
  });

  test("may sum their bytes as signed ones", () => {
    const path = Buffer.from("ü").toString("latin1");
    const right = tarHeader({ path });
    const sum = right.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : (byte << 24) >> 24), 0);
    expect(read([tarHeader({ path, checksum: sum })]).rows).toHaveLength(1);
    expect(codeOf([tarHeader({ path, checksum: sum + 1 })])).toBe("TAR_INVALID");
  });

  test("with sizes in base 256 are read, negative and overlarge ones refused", () => {
    const size = Buffer.alloc(12);
    size.writeUInt8(0x80, 0);
    size.writeUInt8(3, 11);
    expect(read([tarHeader({ path: "a", overwrite: { 124: size } }), text("abc")]).rows).toEqual([
      ["a", "file", "abc"],
    ]);
    expect(codeOf([tarHeader({ path: "a", size: -1 })])).toBe("TAR_INVALID");
    expect(codeOf([tarHeader({ path: "a", size: 2n ** 80n })])).toBe("TAR_INVALID");
    expect(codeOf([tarHeader({ path: "a", overwrite: { 124: Buffer.from("12x45678901\0") } })])).toBe("TAR_INVALID");
  });

  test("of links, directories and devices have no content whatever size they claim", () => {
    const parts = ["1", "2", "3", "4", "5", "6"].map((typeflag) => tarHeader({ path: typeflag, typeflag, size: 5000 }));
    expect(read([...parts, file("after", "x")]).rows).toHaveLength(7);
  });

  test("of unknown types are passed over with their content", () => {
    const parts = [tarHeader({ path: "v", typeflag: "V", size: 600 }), text("x".repeat(600)), file("after", "x")];
    expect(read(parts).rows).toEqual([
      ["v", "other", ""],
      ["after", "file", "x"],
    ]);
  });
});

describe("extended headers", () => {
  test("give the next entry its path, its link and its size, and only that one", () => {
    const path = `${"long/".repeat(40)}ü`;
    const parts = [
      paxHeader({ path, size: "3", charset: "BINARY", "SCHILY.xattr.user.x": "any\0thing", mtime: "1.5" }),
      tarHeader({ path: "short", size: 1000 }),
      text("abc"),
      paxHeader({ linkpath: "far/away" }),
      tarHeader({ path: "link", typeflag: "2", linkTarget: "near" }),
      file("last", "x"),
    ];
    expect(read(parts).rows).toEqual([
      [path, "file", "abc"],
      ["link", "symlink", "far/away"],
      ["last", "file", "x"],
    ]);
  });

  test("of GNU give long names and links", () => {
    const name = "n".repeat(300);
    const parts = [
      long("K", `t${name}`),
      long("L", name),
      tarHeader({ path: "x", typeflag: "2", linkTarget: "y", magic: gnu }),
    ];
    expect(read([...parts, file("last", "x")]).rows).toEqual([
      [name, "symlink", `t${name}`],
      ["last", "file", "x"],
    ]);
  });

  test("that wait are never applied to another extended header (no smuggled entries)", () => {
    // A reader that took the pax size for the long name's would go on reading inside the file's content.
    const smuggled = Buffer.concat([file("evil", "evil"), tarEnd()]);
    const parts = [
      paxHeader({ size: String(smuggled.length) }),
      long("L", "outer"),
      tarHeader({ path: "x", size: 0 }),
      smuggled,
      file("last", "x"),
      tarEnd(),
    ];
    expect(read(parts).rows.map(([path]) => path)).toEqual(["outer", "last"]);
  });

  test("that say a path twice mean the last, as Go has it", () => {
    const records = record("path=first") + record("size=3") + record("path=second");
    const header = tarHeader({ path: "pax", typeflag: "x", size: records.length });
    expect(read([header, text(records), tarHeader({ path: "short" }), text("abc")]).rows).toEqual([
      ["second", "file", "abc"],
    ]);
  });

  test("that are global are reported and not applied, as Go does it", () => {
    const parts = [paxHeader({ comment: "git", path: "hidden" }, { global: true }), file("seen", "x")];
    const { rows, globals } = read(parts);
    expect(rows.map(([path]) => path)).toEqual(["seen"]);
    expect(Object.fromEntries(globals[0] ?? [])).toEqual({ comment: "git", path: "hidden" });
    expect(codeOf([paxHeader({ path: "a" }), paxHeader({ comment: "x" }, { global: true }), file("b", "x")])).toBe(
      "TAR_INVALID",
    );
  });

  test.each([
    ["a length that is too short", "9 path=abcdef\n"],
    ["a length that is too long", "99 path=abc\n"],
    ["no length", "path=abc\n"],
    ["a signed length", "+12 path=abc\n"],
    ["no equals sign", "9 patha\n"],
    ["no key", "6 =ab\n"],
    ["no line end", "12 path=abcd"],
    ["a NUL in its path", "13 path=a\0bc\n"],
    ["a size that is no number", "13 size=0x10\n"],
    ["a negative size", "11 size=-1\n"],
    ["a size past 2^53", "29 size=99999999999999999999\n"],
  ])("with %s are refused", (_, records) => {
    const header = tarHeader({ path: "pax", typeflag: "x", size: records.length });
    expect(codeOf([header, text(records), file("a", "x")])).toBe("TAR_INVALID");
  });

  test("hold their limits", () => {
    const huge = tarHeader({ path: "pax", typeflag: "x", size: 2 ** 32 });
    expect(codeOf([huge])).toBe("ARCHIVE_LIMIT_EXCEEDED");
    expect(codeOf([tarHeader({ path: "l", typeflag: "L", size: 2 ** 21 })])).toBe("ARCHIVE_LIMIT_EXCEEDED");
    expect(codeOf(Array.from({ length: 17 }, () => paxHeader({ comment: "x" })))).toBe("ARCHIVE_LIMIT_EXCEEDED");
    expect(codeOf([paxHeader({ path: "p/".repeat(2100) }), file("a", "x")])).toBe("ARCHIVE_LIMIT_EXCEEDED");
    expect(codeOf([file("a", "x"), file("b", "x")], { limits: { maxEntries: 1 } })).toBe("ARCHIVE_LIMIT_EXCEEDED");
  });
});

describe("sparse files", () => {
  const content = `abc${"\0".repeat(1021)}defg${"\0".repeat(572)}`;
  const stored = text("abcdefg");

  test.each([1, 700, 5000])("of all formats have their holes (chunks of %s)", (chunk) => {
    const old = tarHeader({
      path: "old",
      typeflag: "S",
      magic: gnu,
      size: 7,
      overwrite: { ...numbers(386, 0, 3, 1024, 4), ...numbers(483, 1600) },
    });
    const map = text("2\n0\n3\n1024\n4\n");
    const realsize = "1600";
    const zero = Object.entries({ offset: "0", numbytes: "3" }).map(([key, value]) => `GNU.sparse.${key}=${value}`);
    const one = ["GNU.sparse.offset=1024", "GNU.sparse.numbytes=4"];
    const records = [...zero, ...one, "GNU.sparse.size=1600", "GNU.sparse.numblocks=2"].map(record).join("");
    const parts = [
      old,
      stored,
      Buffer.concat([tarHeader({ path: "pax", typeflag: "x", size: records.length }), text(records)]),
      tarHeader({ path: "0.0", size: 7 }),
      stored,
      paxHeader({
        "GNU.sparse.major": "0",
        "GNU.sparse.minor": "1",
        "GNU.sparse.map": "0,3,1024,4",
        "GNU.sparse.size": realsize,
        "GNU.sparse.name": "0.1",
      }),
      tarHeader({ path: "GNUSparseFile.0/x", size: 7 }),
      stored,
      paxHeader({
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "1.0",
        "GNU.sparse.realsize": realsize,
      }),
      tarHeader({ path: "GNUSparseFile.0/y", size: 512 + 7 }),
      map,
      stored,
      file("after", "x"),
      tarEnd(),
    ];
    expect(read(parts, { chunk }).rows).toEqual([
      ["old", "file", content],
      ["0.0", "file", content],
      ["0.1", "file", content],
      ["1.0", "file", content],
      ["after", "file", "x"],
    ]);
  });

  test("of the old format go on in further blocks", () => {
    const extents = Array.from({ length: 30 }, (_, index) => [index * 10, 1] as const);
    const [head, tail] = [extents.slice(0, 4).flat(), extents.slice(4, 25).flat()];
    const more = (values: readonly number[], flag: number): Uint8Array => {
      const block = Buffer.alloc(512);
      for (const [at, bytes] of Object.entries(numbers(0, ...values))) block.set(bytes, Number(at));
      block.writeUInt8(flag, 504);
      return block;
    };
    const header = tarHeader({
      path: "old",
      typeflag: "S",
      magic: gnu,
      size: 30,
      overwrite: { ...numbers(386, ...head), 482: Buffer.from([1]), ...numbers(483, 300) },
    });
    const parts = [header, more(tail, 1), more(extents.slice(25).flat(), 0), text("x".repeat(30)), file("after", "y")];
    expect(read(parts).rows).toEqual([
      ["old", "file", `x${"\0".repeat(9)}`.repeat(30)],
      ["after", "file", "y"],
    ]);
  });

  test.each([
    ["overlap", "0,3,2,4"],
    ["run backwards", "10,3,0,4"],
    ["reach past the end", "0,3,1599,4"],
    ["have not what is stored", "0,3"],
    ["are not in pairs", "0,3,10"],
    ["are no numbers", "0,3,a,4"],
  ])("whose extents %s are refused", (_, map) => {
    const pax = paxHeader({ "GNU.sparse.map": map, "GNU.sparse.size": "1600" });
    expect(codeOf([pax, tarHeader({ path: "a", size: 7 }), stored])).toBe("TAR_INVALID");
  });

  test("of an unknown format, or with a map that never ends, are refused", () => {
    const unknown = paxHeader({ "GNU.sparse.major": "2", "GNU.sparse.minor": "0" });
    expect(codeOf([unknown, tarHeader({ path: "a", size: 7 }), stored])).toBe("TAR_INVALID");
    const version = { "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "1" };
    const endless = Buffer.from(`999999\n${"1\n".repeat(2 ** 20)}`);
    const parts = [paxHeader(version), tarHeader({ path: "a", size: endless.length }), tarBody(endless)];
    expect(codeOf(parts)).toBe("ARCHIVE_LIMIT_EXCEEDED");
    expect(codeOf([paxHeader(version), tarHeader({ path: "a", size: 100 }), text("1\n")])).toBe("TAR_INVALID");
  });
});

describe("the end", () => {
  test("may lack its blocks, or have one, and hides what follows", () => {
    const zero = Buffer.alloc(512);
    for (const end of [[], [zero], [zero, zero], [zero, zero, zero]]) {
      expect(read([file("a", "x"), ...end]).summary).toEqual({ entries: 1, trailingData: false });
    }
    const { rows, summary } = read([file("a", "x"), tarEnd(), file("hidden", "x")]);
    expect(rows).toHaveLength(1);
    expect(summary.trailingData).toBe(true);
  });

  test("is not one block of zeros between two entries", () => {
    expect(codeOf([file("a", "x"), Buffer.alloc(512), file("b", "x")])).toBe("TAR_INVALID");
  });

  test("inside a header, a content or an extended header is a cut archive", () => {
    const whole = Buffer.concat([paxHeader({ path: "p" }), file("a", "x".repeat(600))]);
    for (const length of [100, 512, 515, 1100, 1536, 1540, 2100])
      expect(codeOf([whole.subarray(0, length)])).toBe("TAR_TRUNCATED");
    expect(codeOf([whole.subarray(0, 1536 + 600)])).toBe("none");
  });

  test("comes without anything untyped, whatever byte is flipped", () => {
    const whole = Buffer.concat([
      paxHeader({ path: "p", size: "3" }),
      tarHeader({ path: "a", size: 9 }),
      text("abc"),
      long("L", "n"),
      file("b", "y"),
    ]);
    for (let at = 0; at < whole.length; at++) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 0x55;
      expect(codeOf([flipped])).toMatch(/^(none|TAR_|ARCHIVE_)/);
    }
  });
});

function record(rest: string): string {
  const length = rest.length + 2;
  return `${length + String(length + 2).length} ${rest}\n`;
}
