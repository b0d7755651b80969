import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openFileAccess, ZipReader } from "@sc/archive";
import type { Finding } from "@sc/model";
import { type AdvisoryDatabase, buildDatabase, matchInventory, openDatabase } from "@sc/scan";
import { builtAt, distribution, installed, inventoryOf, type PackageFacts } from "./matching-database.ts";

/** The ecosystems that these tests ask about, with the purl type of their packages. */
export const types: ReadonlyMap<string, string> = new Map([
  ["AlmaLinux", "rpm"],
  ["Alpine", "apk"],
  ["Bitnami", "bitnami"],
  ["Chainguard", "apk"],
  ["CocoaPods", "cocoapods"],
  ["ConanCenter", "conan"],
  ["Debian", "deb"],
  ["Go", "golang"],
  ["Hackage", "hackage"],
  ["Hex", "hex"],
  ["Maven", "maven"],
  ["NuGet", "nuget"],
  ["Packagist", "composer"],
  ["Pub", "pub"],
  ["PyPI", "pypi"],
  ["Red Hat", "rpm"],
  ["Rocky Linux", "rpm"],
  ["RubyGems", "gem"],
  ["SwiftURL", "swift"],
  ["Ubuntu", "deb"],
  ["Wolfi", "apk"],
  ["crates.io", "cargo"],
  ["npm", "npm"],
  ["openSUSE", "rpm"],
]);

/** The os-release ids of the distributions among them. */
export const distributionIds: Readonly<Record<string, string>> = {
  AlmaLinux: "almalinux",
  Alpine: "alpine",
  Chainguard: "chainguard",
  Debian: "debian",
  "Red Hat": "rhel",
  "Rocky Linux": "rocky",
  Ubuntu: "ubuntu",
  Wolfi: "wolfi",
  openSUSE: "opensuse-leap",
};

/** The archives of records below a folder. */
export function zipsOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name, "all.zip"))
    .filter((path) => existsSync(path));
}

interface KnownDifference {
  readonly suite: string;
  readonly subject: string;
  readonly difference: string;
  readonly reason: string;
}

/** The differences that are not listed: those were reviewed by hand, each with its reason. */
export function unexplained(suite: string, differences: readonly string[]): readonly string[] {
  const list = readFileSync(join(import.meta.dirname, "known-differences/matching.json"), "utf8");
  const known: readonly KnownDifference[] = JSON.parse(list);
  const ofSuite = known.filter((entry) => entry.suite === suite);
  const listed = new Set(ofSuite.map(({ subject, difference }) => `${subject}: ${difference}`));
  return differences.filter((difference) => !listed.has(difference));
}

/** Opens a database built from archives. */
export async function openZips(zips: readonly string[], output: string): Promise<AdvisoryDatabase> {
  await buildDatabase(zips, { output, now: builtAt });
  return openDatabase(output);
}

/** What is needed of a record. */
export interface RecordFacts {
  readonly id: string;
  /** Its own id, and those of which it is another name or form. */
  readonly names: readonly string[];
  readonly packages: readonly RecordPackage[];
}

interface RecordPackage {
  readonly ecosystem: string;
  readonly name: string;
  readonly versions: readonly string[];
  readonly ranges: readonly (readonly RecordEvent[])[];
}

interface RecordEvent {
  readonly introduced?: string;
  readonly fixed?: string;
  readonly last_affected?: string;
}

interface OsvRecord {
  readonly id: string;
  readonly aliases?: readonly string[] | null;
  readonly upstream?: readonly string[] | null;
  readonly affected?:
    | readonly {
        readonly package?: { readonly ecosystem: string; readonly name: string };
        readonly versions?: readonly string[] | null;
        readonly ranges?: readonly { readonly type: string; readonly events: readonly RecordEvent[] }[] | null;
      }[]
    | null;
}

/** What is needed of the records of an archive. */
export function readRecords(path: string): readonly RecordFacts[] {
  using source = openFileAccess(path);
  const zip = new ZipReader(source, { where: path });
  const decoder = new TextDecoder();
  return Array.from(zip.entries(), (entry) => {
    const record: OsvRecord = JSON.parse(decoder.decode(zip.read(entry)));
    const { id, aliases, upstream, affected } = record;
    const names = [id, ...(aliases ?? []), ...(upstream ?? [])];
    const packages = (affected ?? []).flatMap(({ package: named, versions, ranges }) => {
      const ordered = (ranges ?? []).filter(({ type }) => type !== "GIT").map(({ events }) => events);
      return named === undefined ? [] : [{ ...named, versions: versions ?? [], ranges: ordered }];
    });
    return { id, names, packages };
  });
}

/** A row by the names in its head. */
export type Row = Readonly<Record<string, string>>;

/** The rows of a table with a head. */
export function readRows(text: string): readonly Row[] {
  const [header = "", ...lines] = text.trimEnd().split("\n");
  const names = header.split("\t");
  return lines.map((line) => {
    const cells = line.split("\t");
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ""]));
  });
}

/** What is found for a package in `Alpine:v3.9`, which is version 3.9 of alpine, or in `npm`. */
export function matchIn(
  database: AdvisoryDatabase,
  ecosystem: string,
  facts: Omit<PackageFacts, "type">,
): readonly Finding[] {
  const [name = "", release = ""] = ecosystem.split(":");
  const id = distributionIds[name];
  const os = id === undefined ? undefined : distribution(id, release.replace(/^(?:v|Leap )/, ""));
  const found = installed({ ...facts, type: types.get(name) ?? "" });
  return matchInventory(inventoryOf([found], os), database).findings;
}

/** Whether a finding goes by a name. */
export function has({ id, aliases }: Finding, name: string): boolean {
  return id === name || aliases.includes(name);
}
