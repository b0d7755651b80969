import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatPurl, type Inventory, type Package } from "@sc/model";
import { type AdvisoryDatabase, buildDatabase, matchInventory, openDatabase, type ScanResult } from "@sc/scan";

/** The time that the tests' databases are built at. */
export const builtAt: Date = new Date("2026-11-20T04:10:00Z");

/** A folder that goes with its scope. */
export async function openFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "sc-matching-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Writes records as OSV does, a file each, and gives the folder's path. */
export async function writeRecords(
  folder: string,
  records: readonly Readonly<Record<string, unknown> & { id: string }>[],
): Promise<string> {
  const path = join(folder, "records");
  await mkdir(path, { recursive: true });
  for (const record of records) await writeFile(join(path, `${record.id}.json`), JSON.stringify(record));
  return path;
}

/** What a test says of a package; the rest follows. */
export interface PackageFacts {
  readonly type: string;
  readonly namespace?: string;
  readonly name: string;
  readonly version: string;
  readonly qualifiers?: Readonly<Record<string, string>>;
  readonly source?: Package["source"];
  readonly origin?: Package["origin"];
}

/** An installed package. */
export function installed({ type, namespace, name, version, qualifiers, source, origin }: PackageFacts): Package {
  // Advisories name a Swift package by its whole address, the host and owner of which are a purl's namespace.
  const owner = type === "swift" ? name.lastIndexOf("/") : -1;
  const named = owner < 0 ? { namespace, name } : { namespace: name.slice(0, owner), name: name.slice(owner + 1) };
  const purl = formatPurl({ type, ...named, version, qualifiers });
  return {
    kind: "package",
    id: purl,
    type,
    name,
    version,
    purl,
    cataloger: "test",
    evidence: "installed",
    locations: [{ path: "var/lib/packages" }],
    licenses: [],
    ...(source === undefined ? {} : { source }),
    ...(origin === undefined ? {} : { origin }),
  };
}

/** A distribution as os-release names it. */
export function distribution(id: string, versionId?: string, versionCodename?: string): Inventory["distribution"] {
  return {
    kind: "distribution",
    id,
    idLike: [],
    ...(versionId === undefined ? {} : { versionId }),
    ...(versionCodename === undefined ? {} : { versionCodename }),
    fields: {},
    path: "etc/os-release",
  };
}

/** An inventory of these packages. */
export function inventoryOf(
  packages: readonly Package[],
  os?: Inventory["distribution"],
): Pick<Inventory, "packages" | "distribution"> {
  return { packages, ...(os === undefined ? {} : { distribution: os }) };
}

/** Matches an inventory with a database built from records. */
export async function matchRecords(
  records: readonly Readonly<Record<string, unknown> & { id: string }>[],
  inventory: Pick<Inventory, "packages" | "distribution">,
): Promise<ScanResult> {
  await using folder = await openFolder();
  await using database = await openRecords(folder.path, records);
  return matchInventory(inventory, database);
}

/** Builds a database from records below a folder, and opens it. */
export async function openRecords(
  folder: string,
  records: readonly Readonly<Record<string, unknown> & { id: string }>[],
): Promise<AdvisoryDatabase> {
  const output = join(folder, "db");
  await buildDatabase([await writeRecords(folder, records)], { output, now: builtAt });
  return openDatabase(output);
}
