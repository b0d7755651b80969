import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { digestOf, type Inventory, type Package } from "@sc/model";
import { takeInventory } from "@sc/sbom";
import { buildLayer, type LayerEntry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { layerSource } from "./folder-layer.ts";
import { berkeleyDatabase, ndbDatabase, rpmHeader, type RpmPackage } from "./rpm-database.ts";
import { sqliteDatabase } from "./rpm-sqlite.ts";

function inventoryOf(...layers: readonly (readonly LayerEntry[])[]): Promise<Inventory> {
  return takeInventory({
    subject: { type: "image", name: "rpm" },
    layers: layers.map((entries) => layerSource(buildLayer(entries))),
  });
}

const sorted = (lines: Iterable<string>): string[] => [...lines].toSorted();

/** A row of a table of `rpm -qa`, as one line. */
function rowLine(row: string): string {
  const [name, epoch, version, release, architecture, sourceRpm] = row.split("\t");
  const evr = epoch === "0" || epoch === "(none)" ? `${version}-${release}` : `${epoch}:${version}-${release}`;
  return [name, evr, architecture, sourceRpm].join(" | ");
}

function packageLine({ name, version, architecture, purl }: Package): string {
  const upstream = /[?&]upstream=([^&]*)/.exec(purl)?.[1];
  return [name, version, architecture, upstream === undefined ? "(none)" : decodeURIComponent(upstream)].join(" | ");
}

function tableLines(path: string): string[] {
  const rows = readFileSync(path, "utf8").trimEnd().split("\n").slice(1);
  return sorted(rows.filter((row) => !row.startsWith("gpg-pubkey\t")).map(rowLine));
}

const databases = dataFolder("pkgdb/rpm");

describe.skipIf(databases === undefined)("rpm databases list what rpm lists (SBOM-2)", () => {
  const folder = databases ?? "";
  test.each(databases === undefined ? [] : readdirSync(databases))("%s", async (name) => {
    const file = readdirSync(join(folder, name)).find((one) => one.endsWith(".gz")) ?? "";
    const content = gunzipSync(readFileSync(join(folder, name, file)));
    const { packages, problems, relationships } = await inventoryOf([
      { path: `var/lib/rpm/${basename(file, ".gz")}`, content },
    ]);
    const lines = tableLines(join(folder, name, "packages.tsv"));
    expect(lines.length).toBeGreaterThan(0);
    expect(sorted(packages.map(packageLine))).toEqual(lines);
    expect(problems).toEqual([]);
    if (lines.length > 1) {
      expect(relationships.length).toBeGreaterThan(lines.length);
      expect(packages.every(({ licenses }) => licenses.length === 1)).toBe(true);
      expect(packages.flatMap(({ files }) => files ?? []).length).toBeGreaterThan(lines.length);
    }
  });
});

const roots = dataFolder("rootfs/almalinux");
const images = roots === undefined ? [] : readdirSync(roots).filter((name) => name.endsWith(".packages.tsv"));

describe.skipIf(roots === undefined)("root file systems list what rpm lists (SBOM-1, SBOM-2)", () => {
  test.each(images)("%s", { timeout: 120_000 }, async (table) => {
    const archive = join(roots ?? "", table.replace(/\.packages\.tsv$/, ".tar.xz"));
    const tar = execFileSync("xz", ["-dc", archive], { maxBuffer: 2 ** 30 });
    const digest = digestOf(tar);
    const descriptor = { mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size: tar.length };
    const layer = layerSource({ descriptor, diffId: digest, bytes: tar, tar }, 2 ** 20);
    const inventory = await takeInventory({ subject: { type: "image", name: table }, layers: [layer] });
    const rpms = inventory.packages.filter(({ type }) => type === "rpm");
    expect(sorted(rpms.map(packageLine))).toEqual(tableLines(join(roots ?? "", table)));
    expect(inventory.distribution?.id).toBe("almalinux");
    expect(inventory.problems).toEqual([]);
    expect(rpms.filter(({ origin }) => origin !== "distribution")).toEqual([]);
    expect(rpms.filter(({ purl }) => !purl.includes("distro=almalinux-"))).toEqual([]);
  });
});

const some: readonly RpmPackage[] = Array.from({ length: 12 }, (_, index) => ({
  name: `p${index}`,
  version: "1.0",
  release: `${index}.el9`,
  ...(index % 3 === 0 ? { epoch: index } : {}),
  architecture: "x86_64",
  license: "MIT",
  vendor: "Example",
  sourceRpm: `p-1.0-${index}.el9.src.rpm`,
  provides: [`p${index}`, `cap(${index})`],
  requires: [`cap(${(index + 1) % 12})`, "rpmlib(CompressedFileNames)", `/usr/bin/p${(index + 2) % 12}`],
  // Long lists lead over many pages.
  files: Array.from({ length: index * 40 + 1 }, (__, file) =>
    file === 0 ? `/usr/bin/p${index}` : `/opt/p${index}/${file}`,
  ),
}));
const blobs = some.map(rpmHeader);

function names({ packages }: Inventory): string[] {
  return sorted(packages.map(({ name, version }) => `${name} ${version}`));
}

const someNames = sorted(
  some.map(({ name, version, release, epoch = 0 }) => `${name} ${epoch === 0 ? "" : `${epoch}:`}${version}-${release}`),
);

describe("the same packages in every kind of database make the same inventory (SBOM-2)", () => {
  const kinds: readonly (readonly [string, readonly LayerEntry[]])[] = [
    ["Berkeley DB, little-endian", [{ path: "var/lib/rpm/Packages", content: berkeleyDatabase(blobs) }]],
    [
      "Berkeley DB, big-endian",
      [{ path: "var/lib/rpm/Packages", content: berkeleyDatabase(blobs, { bigEndian: true }) }],
    ],
    [
      "Berkeley DB, large pages",
      [{ path: "var/lib/rpm/Packages", content: berkeleyDatabase(blobs, { pageSize: 4096 }) }],
    ],
    ["rpm's own", [{ path: "usr/lib/sysimage/rpm/Packages.db", content: ndbDatabase(blobs) }]],
    ["SQLite", [{ path: "usr/share/rpm/rpmdb.sqlite", content: sqliteDatabase(blobs).database }]],
    ["SQLite, small pages", sqliteEntries({ pageSize: 512, checkpointed: 5 })],
    ["SQLite, large pages", sqliteEntries({ pageSize: 65_536, checkpointed: 1 })],
    ["SQLite in UTF-16", sqliteEntries({ encoding: "UTF-16be", checkpointed: 7 })],
    ["SQLite whose packages are all in the log", sqliteEntries({ checkpointed: 0 })],
  ];

  test.each(kinds)("%s", async (_kind, entries) => {
    const inventory = await inventoryOf(entries);
    expect(names(inventory)).toEqual(someNames);
    expect(inventory.problems).toEqual([]);
    const edges = inventory.relationships.map(({ from, to }) => `${/p\d+/.exec(from)?.[0]} ${/p\d+/.exec(to)?.[0]}`);
    const wanted = some.flatMap((__, index) => [`p${index} p${(index + 1) % 12}`, `p${index} p${(index + 2) % 12}`]);
    expect(sorted(edges)).toEqual(sorted(wanted));
    expect(inventory.packages.find(({ name }) => name === "p11")?.files).toHaveLength(441);
  });
});

function sqliteEntries(options: Parameters<typeof sqliteDatabase>[1]): LayerEntry[] {
  const { database, log } = sqliteDatabase(blobs, options);
  return [
    { path: "var/lib/rpm/rpmdb.sqlite-wal", content: log },
    { path: "var/lib/rpm/rpmdb.sqlite", content: database },
  ];
}

describe("the write-ahead log is read as SQLite reads it", () => {
  const { database, log } = sqliteDatabase(blobs, { checkpointed: 5 });
  const withLog = (content: Uint8Array): Promise<Inventory> =>
    inventoryOf([
      { path: "var/lib/rpm/rpmdb.sqlite", content: database },
      { path: "var/lib/rpm/rpmdb.sqlite-wal", content },
    ]);

  test("without the log the database ends where it was last brought up to date", async () => {
    expect((await inventoryOf([{ path: "var/lib/rpm/rpmdb.sqlite", content: database }])).packages).toHaveLength(5);
  });

  test("frames behind a wrong checksum do not count", async () => {
    const broken = Buffer.from(log);
    broken.writeUInt8(broken.readUInt8(log.length - 1) ^ 1, log.length - 1);
    const { packages } = await withLog(broken);
    expect(packages.length).toBeLessThan(12);
    expect(packages.length).toBeGreaterThanOrEqual(5);
  });

  test("a log that was begun anew counts for nothing of what it held before", async () => {
    const other = Buffer.from(log);
    other.writeUInt32BE(7, 16);
    expect((await withLog(other)).packages).toHaveLength(5);
  });

  test("a log cut in the middle of a transaction gives what was committed before", async () => {
    const { packages, problems } = await withLog(log.subarray(0, 32 + 4096 + 24 + 100));
    expect(packages.length).toBeLessThanOrEqual(6);
    expect(problems).toEqual([]);
  });
});

describe("what is wrong with a database is told, and the rest is found (SBOM-2)", () => {
  const files: readonly (readonly [string, Buffer])[] = [
    ["var/lib/rpm/Packages", berkeleyDatabase(blobs)],
    ["var/lib/rpm/Packages", berkeleyDatabase(blobs, { bigEndian: true })],
    ["var/lib/rpm/Packages.db", ndbDatabase(blobs)],
    ["var/lib/rpm/rpmdb.sqlite", sqliteDatabase(blobs, { pageSize: 512 }).database],
  ];

  test.each(files)("%s with any byte changed says nothing else without saying so", async (path, content) => {
    // A step that is no divisor of a page's size reaches every place of pages; the seed of the change is fixed.
    for (let at = 3; at < content.length; at += Math.ceil(content.length / 97)) {
      const changed = Buffer.from(content);
      changed.writeUInt8(changed.readUInt8(at) ^ (1 + (at % 254)), at);
      const inventory = await inventoryOf([{ path, content: changed }]);
      const same = JSON.stringify(names(inventory)) === JSON.stringify(someNames);
      expect(same || inventory.incomplete, `byte ${at}`).toBe(true);
      expect(inventory.problems.length, `byte ${at}`).toBeLessThan(50);
    }
  });

  test.each(files)("%s cut anywhere is incomplete", async (path, content) => {
    for (const part of [0, 0.1, 0.5, 0.9]) {
      const cut = content.subarray(0, Math.floor(content.length * part));
      const inventory = await inventoryOf([{ path, content: cut }]);
      expect(inventory.incomplete, `${part}`).toBe(true);
      expect(inventory.problems[0], `${part}`).toMatchObject({ code: "DATABASE_DAMAGED", path, cataloger: "rpm" });
    }
  });

  test("a chain of pages that leads back to itself ends", async () => {
    const content = berkeleyDatabase(blobs);
    for (let page = 2; page * 512 < content.length; page += 1) content.writeUInt32LE(2, page * 512 + 16);
    const inventory = await inventoryOf([{ path: "var/lib/rpm/Packages", content }]);
    expect(inventory.incomplete).toBe(true);
    expect(inventory.problems.map(({ message }) => message).join("\n")).toContain("used twice");
  });

  test("a value that says it is four gigabytes long takes no memory", async () => {
    const content = ndbDatabase(blobs);
    content.writeUInt32LE(0xffffffff, 44);
    const inventory = await inventoryOf([{ path: "var/lib/rpm/Packages.db", content }]);
    expect(inventory.packages).toHaveLength(11);
    expect(inventory.incomplete).toBe(true);
  });

  test("slots that all lead to one record are one package", async () => {
    const content = ndbDatabase(blobs);
    for (let slot = 1; slot < 12; slot += 1) content.copy(content, 32 + slot * 16, 32, 48);
    const inventory = await inventoryOf([{ path: "var/lib/rpm/Packages.db", content }]);
    expect(names(inventory)).toEqual(["p0 1.0-0.el9"]);
    expect(inventory.incomplete).toBe(true);
  });

  test("a page of a table that is its own child is read once", async () => {
    const content = Buffer.from(sqliteDatabase(blobs, { pageSize: 512 }).database);
    for (let page = 2; page * 512 <= content.length; page += 1) {
      const start = (page - 1) * 512;
      if (content.readUInt8(start) === 5) content.writeUInt32BE(page, start + 8);
    }
    const inventory = await inventoryOf([{ path: "var/lib/rpm/rpmdb.sqlite", content }]);
    expect(inventory.incomplete).toBe(true);
    expect(inventory.problems.map(({ message }) => message).join("\n")).toContain("used twice");
  });
});

describe("a database edited against the checksums it holds is told (SBOM-2)", () => {
  const header = rpmHeader({ name: "openssl", version: "3.0.7", release: "1.el9", architecture: "x86_64" });

  test("a version changed in place", async () => {
    const content = Buffer.from(header);
    content.write("9.9.9", content.indexOf("3.0.7"));
    const inventory = await inventoryOf([{ path: "var/lib/rpm/Packages", content: berkeleyDatabase([content]) }]);
    expect(names(inventory)).toEqual(["openssl 9.9.9-1.el9"]);
    expect(inventory.problems).toMatchObject([
      { code: "DATABASE_EDITED", path: "var/lib/rpm/Packages", incomplete: true },
    ]);
  });

  test("a name put in place of the one that was signed for", async () => {
    const added = [{ tag: 1000, value: "something-else" }];
    const content = rpmHeader({ name: "openssl", version: "3.0.7", release: "1.el9", added });
    const inventory = await inventoryOf([{ path: "var/lib/rpm/Packages.db", content: ndbDatabase([content]) }]);
    expect(inventory.problems).toMatchObject([{ code: "DATABASE_EDITED", incomplete: true }]);
  });

  test("what rpm adds when it installs a package is no edit", async () => {
    const content = rpmHeader({
      name: "a",
      version: "1",
      release: "1",
      added: [{ tag: 1008, value: [1_700_000_000] }],
    });
    const inventory = await inventoryOf([{ path: "var/lib/rpm/Packages.db", content: ndbDatabase([content]) }]);
    expect(inventory.problems).toEqual([]);
  });
});

describe("one installation has each package once", () => {
  const content = ndbDatabase(blobs);

  test("seen through a symbolic link", async () => {
    const inventory = await inventoryOf([
      { path: "usr/lib/sysimage/rpm/Packages.db", content },
      { path: "var/lib/rpm", type: "symlink", linkTarget: "../../usr/lib/sysimage/rpm" },
    ]);
    expect(names(inventory)).toEqual(someNames);
    expect(inventory.packages[0]?.locations).toMatchObject([{ path: "usr/lib/sysimage/rpm/Packages.db" }]);
  });

  test("and in a copy of its database", async () => {
    const inventory = await inventoryOf([
      { path: "usr/lib/sysimage/rpm/Packages.db", content },
      { path: "var/lib/rpm/Packages.db", content },
    ]);
    expect(names(inventory)).toEqual(someNames);
    expect(inventory.packages[0]?.locations.map(({ path }) => path)).toEqual([
      "usr/lib/sysimage/rpm/Packages.db",
      "var/lib/rpm/Packages.db",
    ]);
  });
});

const hasRpm = ["rpm", "rpmbuild"].every((tool) =>
  (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, tool))),
);
if (!hasRpm)
  process.stderr.write("rpm and rpmbuild are not installed: no database of theirs is compared with rpm -qa\n");

describe.skipIf(!hasRpm)("a database that rpm writes", () => {
  test("lists exactly what rpm -qa lists (SBOM-2)", { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "sc-rpmbuild-"));
    try {
      const specs = [
        { name: "alpha", lines: ["Epoch: 3", "Requires: beta", "Vendor: Example"] },
        { name: "beta", lines: ["Provides: something = 2", "Modularitylabel: beta:1:20230101:abcdef"] },
        { name: "gamma", lines: ["Requires: /usr/share/beta/file"] },
      ];
      const run = (tool: string, parameters: readonly string[]): string =>
        execFileSync(tool, ["--define", `_topdir ${folder}`, "--dbpath", join(folder, "db"), ...parameters], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        });
      mkdirSync(join(folder, "db"));
      for (const { name, lines } of specs) writeFileSync(join(folder, `${name}.spec`), specOf(name, lines));
      run("rpmbuild", ["-bb", ...specs.map(({ name }) => join(folder, `${name}.spec`))]);
      const built = readdirSync(join(folder, "RPMS/noarch")).map((name) => join(folder, "RPMS/noarch", name));
      run("rpm", ["-i", "--justdb", "--nodeps", "--ignoreos", "--ignorearch", ...built]);
      const format = "%{NAME}\\t%{EPOCHNUM}\\t%{VERSION}\\t%{RELEASE}\\t%{ARCH}\\t%{SOURCERPM}\\n";
      const listed = run("rpm", ["-qa", "--qf", format]);
      const entries = readdirSync(join(folder, "db"))
        .filter((name) => name.startsWith("rpmdb.sqlite") && !name.endsWith("-shm"))
        .map((name) => ({ path: `var/lib/rpm/${name}`, content: readFileSync(join(folder, "db", name)) }));
      const { packages, relationships, problems } = await inventoryOf(entries);
      expect(packages).toHaveLength(3);
      expect(sorted(packages.map(packageLine))).toEqual(sorted(listed.trimEnd().split("\n").map(rowLine)));
      expect(problems).toEqual([]);
      expect(relationships.map(({ from, to }) => [/alpha|gamma/.exec(from)?.[0], /beta/.exec(to)?.[0]])).toEqual([
        ["alpha", "beta"],
        ["gamma", "beta"],
      ]);
      const beta = packages.find(({ name }) => name === "beta");
      expect(beta?.properties).toEqual({ "rpm:modularity": "beta:1:20230101:abcdef" });
      expect(beta?.files).toEqual(["usr/share/beta/file"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function specOf(name: string, lines: readonly string[]): string {
  return `Name: ${name}
Version: 1.5
Release: 2
Summary: ${name}
License: MIT
BuildArch: noarch
${lines.join("\n")}
%description
${name}
%install
mkdir -p %{buildroot}/usr/share/${name}
echo ${name} > %{buildroot}/usr/share/${name}/file
%files
/usr/share/${name}/file
`;
}
