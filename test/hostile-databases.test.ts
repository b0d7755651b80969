import { gzipSync, zstdCompressSync } from "node:zlib";
import { takeInventory } from "@sc/sbom";
import { catalogers } from "@sc/sbom/catalogers";
import type { Inventory } from "@sc/model";
import { buildLayer, type LayerEntry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { layerSource } from "./folder-layer.ts";
import { ndbDatabase, rpmHeader } from "./rpm-database.ts";
import { sqliteDatabase } from "./rpm-sqlite.ts";

async function taken(entries: readonly LayerEntry[]): Promise<Inventory> {
  const layers = [layerSource(buildLayer(entries))];
  return takeInventory({ subject: { type: "image", name: "image" }, layers }, { workers: false });
}

/** Longer than any version or name is, and cut before it is told of. */
const long = "9".repeat(1_000_000);

interface Case {
  readonly kind: string;
  /** The row of the list of pitfalls. */
  readonly row: number;
  readonly what: string;
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly code: string;
  /** What the message says, the path aside. */
  readonly reason: RegExp;
  /** Packages that are found in the same file all the same. */
  readonly found?: readonly string[];
  readonly incomplete: boolean;
}

const apk = { kind: "apk", path: "lib/apk/db/installed" };
const dpkg = { kind: "dpkg", path: "var/lib/dpkg/status" };
const distroless = { kind: "distroless", path: "var/lib/dpkg/status.d/a" };
const pacman = { kind: "pacman", path: "var/lib/pacman/local/a-1-1/desc" };
const portage = { kind: "portage", path: "var/db/pkg/app-misc/a-1/PF" };
const opkg = { kind: "opkg", path: "usr/lib/opkg/status" };
const nix = { kind: "nix", path: "nix/var/nix/db/db.sqlite" };
const chisel = { kind: "chisel", path: "var/lib/chisel/manifest.wall" };
const rock = { kind: "rock", path: "usr/share/rocks/dpkg.query" };
const sqlite = { kind: "rpm (SQLite)", path: "var/lib/rpm/rpmdb.sqlite" };
const ndb = { kind: "rpm (ndb)", path: "usr/lib/sysimage/rpm/Packages.db" };
const berkeley = { kind: "rpm (Berkeley DB)", path: "var/lib/rpm/Packages" };
const manifest = { kind: "rpm manifest", path: "var/lib/rpmmanifest/container-manifest-2" };
const kernel = { kind: "kernel", path: "boot/vmlinuz" };
const module = { kind: "kernel module", path: "lib/modules/1/a.ko.gz" };
const document = { kind: "document", path: "usr/share/sbom/a.json" };

const malformed = { code: "RECORD_MALFORMED", incomplete: false } as const;
const unreadable = { code: "RECORD_MALFORMED", incomplete: true } as const;
const damaged = { code: "DATABASE_DAMAGED", incomplete: true } as const;

function rpmWith(version: string): Uint8Array {
  return rpmHeader({ name: "a", version, release: "1" });
}

const whole = rpmHeader({ name: "good", version: "1", release: "1" });

const cases: readonly Case[] = [
  {
    ...apk,
    row: 18,
    what: "a version of a million digits",
    content: `P:a\nV:${long}\n\nP:good\nV:1\n`,
    ...damaged,
    reason: /no valid version/,
    found: ["good"],
  },
  {
    ...apk,
    row: 30,
    what: "a name with what a purl gives a meaning to",
    content: "P:a@2?x=y#z\nV:1\n\nP:good\nV:1\n",
    ...damaged,
    reason: /no valid name/,
    found: ["good"],
  },
  {
    ...apk,
    row: 16,
    what: "one line of 16 MiB",
    content: `${"x".repeat(2 ** 24)}\n\nP:good\nV:1\n`,
    ...malformed,
    incomplete: true,
    reason: /is not a field/,
    found: ["good"],
  },
  {
    ...dpkg,
    row: 18,
    what: "a version of a million digits",
    content: `Package: a\nVersion: ${long}\n\nPackage: good\nVersion: 1\n`,
    ...damaged,
    reason: /no valid Version/,
    found: ["good"],
  },
  {
    ...dpkg,
    row: 30,
    what: "a name that is a path",
    content: "Package: ../../etc\nVersion: 1\n\nPackage: good\nVersion: 1\n",
    ...damaged,
    reason: /no valid Package/,
    found: ["good"],
  },
  {
    ...dpkg,
    row: 16,
    what: "two records run together",
    content: "Package: a\nVersion: 1\nPackage: b\nVersion: 2\n\nPackage: good\nVersion: 1\n",
    ...damaged,
    reason: /repeated/,
    found: ["good"],
  },
  {
    ...distroless,
    row: 18,
    what: "a version of a million digits",
    content: `Package: a\nVersion: ${long}\n`,
    ...damaged,
    reason: /no valid Version/,
  },
  {
    ...pacman,
    row: 18,
    what: "a version of a million digits",
    content: `%NAME%\na\n\n%VERSION%\n${long}\n`,
    ...unreadable,
    reason: /no valid name or version/,
  },
  {
    ...pacman,
    row: 15,
    what: "no name at all",
    content: "%__proto__%\na\n",
    ...unreadable,
    reason: /no valid name or version/,
  },
  {
    ...portage,
    row: 18,
    what: "a version of a million digits",
    content: `a-${long}`,
    ...unreadable,
    reason: /no name with a version/,
  },
  {
    ...opkg,
    row: 18,
    what: "a version of a million digits",
    content: `Package: a\nVersion: ${long}\n\nPackage: good\nVersion: 1\n`,
    ...damaged,
    reason: /no valid Version/,
    found: ["good"],
  },
  { ...nix, row: 24, what: "no database", content: "SQLite format 2\0", ...damaged, reason: /no database of Nix/ },
  {
    ...nix,
    row: 24,
    what: "a database cut off",
    content: Buffer.from(sqliteDatabase([whole]).database).subarray(0, 3000),
    ...damaged,
    reason: /./,
  },
  {
    ...chisel,
    row: 13,
    what: "a gibibyte out of a few kilobytes",
    content: zstdCompressSync(Buffer.alloc(2 ** 27)),
    ...unreadable,
    reason: /more than 16777216 bytes/,
  },
  {
    ...chisel,
    row: 15,
    what: "values nested a million deep",
    content: zstdCompressSync(
      Buffer.from(`{"jsonwall":"1.0"}\n${"[".repeat(1_000_000)}\n{"kind":"package","name":"good","version":"1"}\n`),
    ),
    ...damaged,
    reason: /is no entry/,
    found: ["good"],
  },
  {
    ...chisel,
    row: 15,
    what: "more lines than are read",
    content: zstdCompressSync(
      Buffer.from(`{"jsonwall":"1.0"}\n{"kind":"package","name":"good","version":"1"}\n${"\n".repeat(1_000_001)}`),
    ),
    code: "TOO_MANY_RECORDS",
    incomplete: true,
    reason: /more records/,
    found: ["good"],
  },
  {
    ...rock,
    row: 18,
    what: "a version of a million digits",
    content: `# dpkg-query\nii ,a,${long},a,1\nii ,good,1,good,1\n`,
    ...damaged,
    reason: /is no package/,
    found: ["good"],
  },
  {
    ...sqlite,
    row: 22,
    what: "a header that says it has four billion entries",
    content: sqliteDatabase([Buffer.alloc(64, 0xff), whole]).database,
    ...damaged,
    reason: /4294967295 entries/,
    found: ["good"],
  },
  {
    ...sqlite,
    row: 24,
    what: "noise behind a valid beginning",
    content: Buffer.concat([Buffer.from(sqliteDatabase([whole]).database).subarray(0, 100), Buffer.alloc(8000, 0xa5)]),
    ...damaged,
    reason: /./,
  },
  {
    ...ndb,
    row: 18,
    what: "a version of a million digits",
    content: ndbDatabase([rpmWith(long), whole]),
    ...damaged,
    reason: /version/,
    found: ["good"],
  },
  {
    ...ndb,
    row: 23,
    what: "a record that says it is four gigabytes long",
    content: withLength(ndbDatabase([whole]), 0xffff_fff0),
    ...damaged,
    reason: /4294967280 bytes long/,
  },
  {
    ...berkeley,
    row: 21,
    what: "pages of no bytes",
    content: berkeleyHead({ pageBytes: 0, pages: 1 }),
    ...damaged,
    reason: /./,
  },
  {
    ...berkeley,
    row: 21,
    what: "four billion pages",
    content: berkeleyHead({ pageBytes: 512, pages: 0xffff_ffff }),
    ...damaged,
    reason: /./,
  },
  {
    ...manifest,
    row: 16,
    what: "a line without a version",
    content: "a\ngood\t1-1\t0\t0\tv\t(none)\t0\tx86_64\t0\tgood-1-1.src.rpm\n",
    ...damaged,
    reason: /./,
    found: ["good"],
  },
  {
    ...kernel,
    row: 18,
    what: "a version that is none",
    content: kernelImage("\u001b[2J evil"),
    ...malformed,
    reason: /says its version is/,
  },
  {
    ...module,
    row: 26,
    what: "200 MB out of a few kilobytes",
    content: gzipSync(Buffer.alloc(100_000_001)),
    ...unreadable,
    reason: /cannot be unpacked/,
  },
  {
    ...document,
    row: 15,
    what: "values nested a million deep",
    content: `{"bomFormat":"CycloneDX","specVersion":"1.6","components":${"[".repeat(1_000_000)}`,
    ...unreadable,
    reason: /nested deeper/,
  },
];

function withLength(database: Buffer, length: number): Buffer {
  const copy = Buffer.from(database);
  copy.writeUInt32LE(length, copy.indexOf("BlbS") + 12);
  return copy;
}

function berkeleyHead({ pageBytes, pages }: { readonly pageBytes: number; readonly pages: number }): Buffer {
  const bytes = Buffer.alloc(2048);
  bytes.writeUInt32LE(0x0006_1561, 12);
  bytes.writeUInt32LE(pageBytes, 20);
  bytes.writeUInt8(8, 25);
  bytes.writeUInt32LE(pages, 32);
  return bytes;
}

function kernelImage(version: string): Buffer {
  const bytes = Buffer.alloc(2048);
  bytes.write("HdrS", 0x202);
  bytes.writeUInt16LE(0x300, 0x20e);
  bytes.write(version, 0x500);
  return bytes;
}

/** A healthy package beside the hostile one. */
const witness: LayerEntry = { path: "witness/lib/apk/db/installed", content: "P:witness\nV:1\n" };

describe("a hostile database is a problem that names file and reason, and the rest is found (SBOM-2)", () => {
  test.each(cases)("$kind: $what (row $row)", async ({ path, content, code, reason, found = [], incomplete }) => {
    const inventory = await taken([{ path, content }, witness]);
    const names = inventory.packages.map(({ name }) => name);
    expect(names).toContain("witness");
    for (const name of found) expect(names).toContain(name);
    expect(names.every((name) => name.length <= 1024)).toBe(true);
    const problem = inventory.problems.find((one) => one.code === code && one.path === path);
    expect(problem, JSON.stringify(inventory.problems).slice(0, 2000)).toBeDefined();
    expect(problem?.message.replace(path, "")).toMatch(reason);
    expect(JSON.stringify(inventory.problems).length).toBeLessThan(20_000);
    expect(inventory.incomplete).toBe(incomplete);
  });

  test("every format of an operating system that is read is among them", () => {
    const told = new Set(["flatpak", "cos", "bottlerocket", "homebrew", "snap"]);
    const databases = catalogers.filter(({ database }) => database === true).map(({ id }) => id);
    const tested = new Set(
      cases.flatMap(({ path }) =>
        catalogers.filter((one) => one.wants({ path, type: "file", size: 1, mode: 0o644 })).map(({ id }) => id),
      ),
    );
    for (const id of databases) expect(tested.has(id) || told.has(id), id).toBe(true);
  });
});
