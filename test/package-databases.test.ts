import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { digestOf, type Inventory, type Package } from "@sc/model";
import { type ImageLayer, type ImageSource, openImage, openSource, parseReference } from "@sc/oci";
import { type InventoryLayer, takeInventory } from "@sc/sbom";
import { buildLayer, type LayerEntry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { folderEntries, layerSource } from "./folder-layer.ts";

const databases = dataFolder("pkgdb");
const roots = dataFolder("rootfs");
const languages = dataFolder("lang");

/** The rows of a table whose first line names its columns. */
function rowsOf(file: string): Readonly<Record<string, string>>[] {
  const [head = "", ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
  const columns = head.split("\t");
  return lines.map((line) => Object.fromEntries(line.split("\t").map((cell, index) => [columns[index] ?? "", cell])));
}

function inventoryOf(layers: readonly InventoryLayer[]): Promise<Inventory> {
  return takeInventory({ subject: { type: "image", name: "data" }, layers });
}

function inventoryOfFiles(files: readonly LayerEntry[]): Promise<Inventory> {
  return inventoryOf([layerSource(buildLayer(files))]);
}

/** Every file below a folder, by its path there. */
function filesIn(folder: string | undefined): string[] {
  if (folder === undefined) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
}

const sorted = (lines: Iterable<string>): string[] => [...lines].toSorted();

/** What a table of apk packages says of each, as one line; its licence column is the database's own text. */
function apkRow(row: Readonly<Record<string, string>>): string {
  // A package without an origin is its own.
  const origin = row["origin"] === "" ? row["name"] : row["origin"];
  return [row["name"], row["version"], row["arch"], origin, row["license"]].join(" | ");
}

function apkLine({ name, version, architecture, source, licenses }: Package): string {
  return [name, version, architecture, source?.name, licenses[0]?.declared].join(" | ");
}

function dpkgRow(row: Readonly<Record<string, string>>): string {
  return [row["package"], row["version"], row["arch"], row["source"], row["sourceVersion"]].join(" | ");
}

function dpkgLine({ name, version, architecture, source }: Package): string {
  return [name, version, architecture, source?.name, source?.version ?? version].join(" | ");
}

describe.skipIf(databases === undefined)(
  "package databases list what the distribution's own tool reads (SBOM-2)",
  () => {
    const folder = databases ?? "";
    test.each(filesIn(databases).filter((path) => path.endsWith(".installed")))("%s", async (path) => {
      const content = readFileSync(join(folder, path));
      const { packages, problems } = await inventoryOfFiles([{ path: "lib/apk/db/installed", content }]);
      const rows = rowsOf(join(folder, path.replace(/\.installed$/, ".packages.tsv")));
      expect(rows.length).toBeGreaterThan(0);
      // What has no version is no package that could be matched: it is told instead.
      const whole = rows.filter((row) => row["version"] !== "");
      expect(sorted(packages.map(apkLine))).toEqual(sorted(whole.map(apkRow)));
      const records = content
        .toString()
        .split(/\n\n+/)
        .filter((record) => record.trim() !== "");
      // Broken is a record without name or version, and one with a line that is no field.
      const isBroken = records.some(
        (record) => !/^P:./m.test(record) || !/^V:./m.test(record) || /^(?!\w:)./m.test(record),
      );
      expect(problems.length > 0, JSON.stringify(problems)).toBe(isBroken);
    });

    test.each(filesIn(databases).filter((path) => basename(path) === "status"))("%s", async (path) => {
      const content = readFileSync(join(folder, path));
      const { packages } = await inventoryOfFiles([{ path: "var/lib/dpkg/status", content }]);
      const rows = rowsOf(join(folder, dirname(path), "packages.tsv"));
      expect(sorted(packages.map(dpkgLine))).toEqual(sorted(rows.map(dpkgRow)));
    });

    test.each(filesIn(databases).filter((path) => path.endsWith(".txtar")))("%s", async (path) => {
      const files = readFileSync(join(folder, path), "utf8")
        .split(/^-- (.+) --\n/m)
        .slice(1);
      const entries: LayerEntry[] = [];
      for (let at = 0; at + 1 < files.length; at += 2)
        entries.push({ path: files[at] ?? "", content: files[at + 1] ?? "" });
      const { packages, problems } = await inventoryOfFiles(entries);
      expect(sorted(packages.map(nameAndVersion))).toEqual(sorted(entries.flatMap(installedStanzas)));
      expect(packages.length).toBeGreaterThan(0);
      expect(problems.length > 0, JSON.stringify(problems)).toBe(entries.some(hasGaps));
    });

    test.each(filesIn(databases).filter((path) => path.includes("status.d_")))("%s", async (path) => {
      const content = readFileSync(join(folder, path), "utf8");
      const entry = { path: `var/lib/dpkg/status.d/${path.split("status.d_").at(-1) ?? ""}`, content };
      const { packages, problems } = await inventoryOfFiles([entry]);
      expect(sorted(packages.map(nameAndVersion))).toEqual(sorted(installedStanzas(entry)));
      expect(problems.length > 0, JSON.stringify(problems)).toBe(hasGaps(entry));
    });
  },
);

function nameAndVersion({ name, version }: Package): string {
  return `${name} ${version}`;
}

/** Scripts and checksums beside the packages of status.d are no stanzas. */
const isStatus = /lib\/dpkg\/(status|status\.d\/(?!.*\.(md5sums|preinst|postinst|prerm|postrm|conffiles)$).*)$/;

/** The stanzas that are not only configuration files, by the plainest means. */
function stanzasOf({ path, content }: LayerEntry): string[] {
  if (!isStatus.test(path) || typeof content !== "string") return [];
  const stanzas = content.split(/\n\n+/).filter((stanza) => stanza.trim() !== "");
  return stanzas.filter((stanza) => !/^Status: .*(config-files|not-installed)$/m.test(stanza));
}

const isWholeStanza = (stanza: string): boolean => /^Package: \S/m.test(stanza) && /^Version: \S/m.test(stanza);

/** Name and version of each stanza that has both: what lacks one of them is told, not listed. */
function installedStanzas(entry: LayerEntry): string[] {
  return stanzasOf(entry)
    .filter(isWholeStanza)
    .map((stanza) => `${/^Package: (.*)$/m.exec(stanza)?.[1] ?? ""} ${/^Version: (.*)$/m.exec(stanza)?.[1] ?? ""}`);
}

function hasGaps(entry: LayerEntry): boolean {
  return !stanzasOf(entry).every(isWholeStanza);
}

/** The tables of the packages of whole images: `<image>.packages.tsv` beside the image. */
const tables = filesIn(roots).filter((path) => path.endsWith(".packages.tsv"));

describe.skipIf(roots === undefined)("root file systems list what their distribution lists (SBOM-1, SBOM-2)", () => {
  for (const table of tables) {
    const rows = rowsOf(join(roots ?? "", table));
    // Tables of rpm packages have a release column; those roots are compressed in a way no image layer is.
    if (rows[0]?.["origin"] === undefined) continue;
    test(table, async () => {
      const { packages, distribution, problems, layers } = await imageInventory(join(roots ?? "", table));
      expect(distribution?.id).toBe("alpine");
      expect(sorted(packages.filter(({ type }) => type === "apk").map(apkLine))).toEqual(sorted(rows.map(apkRow)));
      expect(problems).toEqual([]);
      expect(packages.every(({ locations }) => locations.every(({ layer }) => layer === layers[0]?.digest))).toBe(true);
      expect(packages.every(({ purl }) => purl.includes(`distro=alpine-${distribution?.versionId}`))).toBe(true);
    });
  }
});

/** The inventory of the image a table belongs to: a docker archive, or a root file system taken for one layer. */
async function imageInventory(table: string): Promise<Inventory> {
  const file = table.replace(/\.packages\.tsv$/, ".tar.gz");
  const bytes = readFileSync(file);
  const tar = gunzipSync(bytes);
  if (!tar.includes("manifest.json")) {
    const mediaType = "application/vnd.oci.image.layer.v1.tar+gzip";
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    return inventoryOf([layerSource({ descriptor, diffId: digestOf(tar), bytes, tar })]);
  }
  const reference = parseReference(`docker-archive:${file}`);
  await using source = await openSource(reference);
  const image = await openImage(source, reference);
  return await inventoryOf(image.layers.map((layer) => imageLayer(layer, source)));
}

function imageLayer(layer: ImageLayer, source: ImageSource): InventoryLayer {
  return { ...layer, open: () => source.openBlob(layer.descriptor) };
}

interface SuiteCase {
  readonly extractor?: string;
  readonly parser?: string;
  readonly case: string;
  readonly file: string;
  readonly wantError: boolean;
  readonly variants?: number;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

/** Where a file of each kind would lie in an image. */
const imagePlaces: Readonly<Record<string, (file: string) => string | undefined>> = {
  "os/dpkg": (file) => {
    // opkg's database has the same form in another place.
    if (file.includes("/opkg/")) return undefined;
    return file.includes("/status.d/") ? `var/lib/dpkg/status.d/${basename(file)}` : "var/lib/dpkg/status";
  },
  "os/apk": () => "lib/apk/db/installed",
  "os/chisel": () => "var/lib/chisel/manifest.wall",
  "language/python/wheelegg": (file) => (/\.(whl|egg)$/.test(file) ? undefined : "site/a-1.dist-info/METADATA"),
  "python/packaging": () => "site/a-1.dist-info/METADATA",
};

const suites = ["scalibr", "trivy"].flatMap((suite) => {
  const index = join(languages ?? "", suite, "expected.jsonl");
  if (languages === undefined || !existsSync(index)) return [];
  return readFileSync(index, "utf8")
    .trimEnd()
    .split("\n")
    .map((line): SuiteCase => JSON.parse(line))
    .flatMap((one) => {
      const place = imagePlaces[one.extractor ?? one.parser ?? ""]?.(one.file);
      const file = join(languages, suite, one.file);
      // Cases whose files are not among the shared ones, and those of options, of which any one may be meant.
      return place === undefined || one.variants !== undefined || !existsSync(file)
        ? []
        : [{ ...one, suite, place, file }];
    });
});

describe.skipIf(languages === undefined)("single files say what two other projects read from them (SBOM-2)", () => {
  test.each(suites)("$suite: $file $case", async ({ file, place, packages, wantError }) => {
    const inventory = await inventoryOfFiles([{ path: place, content: readFileSync(file) }]);
    expect(sorted(inventory.packages.map(nameAndVersion))).toEqual(
      sorted(packages.map(({ name, version }) => `${name} ${version}`)),
    );
    if (wantError) expect(inventory.problems.length).toBeGreaterThan(0);
  });
});

// Set and empty where nothing could make one.
const debianRoot = process.env["SC_DEBIAN_ROOT"] === "" ? undefined : process.env["SC_DEBIAN_ROOT"];
if (debianRoot === undefined) {
  process.stderr.write("SC_DEBIAN_ROOT names no root made by debootstrap: it is not compared with dpkg-query\n");
}

describe.skipIf(debianRoot === undefined)("a whole Debian root in SC_DEBIAN_ROOT", () => {
  const root = debianRoot ?? "";

  test("lists exactly what dpkg-query lists (SBOM-2)", { timeout: 300_000 }, async () => {
    const format = "${db:Status-Status}|${Package}|${Version}|${Architecture}|${source:Package}|${source:Version}\\n";
    const admin = `--admindir=${join(root, "var/lib/dpkg")}`;
    const listed = execFileSync("dpkg-query", [admin, "-W", "-f", format], { encoding: "utf8", maxBuffer: 2 ** 28 });
    const installed = listed
      .trimEnd()
      .split("\n")
      .filter((line) => line.startsWith("installed|"));
    const entries = folderEntries(root, (path) => /^(etc|lib|usr|var)(\/|$)/.test(path));
    const inventory = await inventoryOf([layerSource(buildLayer(entries, { compression: "none" }), 2 ** 20)]);
    const deb = inventory.packages.filter(({ type }) => type === "deb");
    const lines = deb.map(({ name, version, architecture, source }) =>
      ["installed", name, version, architecture, source?.name, source?.version ?? version].join("|"),
    );
    expect(sorted(lines)).toEqual(sorted(installed));
    expect(inventory.problems).toEqual([]);
    // Every package of a full root has a list of files and a copyright file, if only behind a link.
    expect(deb.filter(({ files }) => files === undefined)).toEqual([]);
    expect(deb.filter(({ licenses }) => licenses.length === 0).length).toBeLessThan(deb.length / 4);
  });
});
