import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { openFileAccess, ZipReader } from "@sc/archive";
import type { Finding } from "@sc/model";
import { type AdvisoryDatabase, buildDatabase, matchInventory, openDatabase } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { builtAt, distribution, installed, inventoryOf, openFolder, type PackageFacts } from "./matching-database.ts";

const osvFolder = dataFolder("osv");
const expectedFolder = dataFolder("scan-expected");

/** The ecosystems that these tests ask about, with the purl type of their packages. */
const types: ReadonlyMap<string, string> = new Map([
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
const distributionIds: Readonly<Record<string, string>> = {
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

describe.skipIf(osvFolder === undefined)("answers of api.osv.dev", () => {
  test("are met wherever the advisory is at hand (SCAN-1)", { timeout: 120_000 }, async () => {
    await using folder = await openFolder();
    const zips = zipsOf(osvFolder ?? "");
    await using database = await openZips(zips, folder.path);
    const named = new Map(zips.flatMap(readRecords).map(({ id, packages }) => [id, packages]));
    const questions = readQuestions(join(osvFolder ?? "", "osv-api-answers.jsonl"));
    const newest = newestByPrefix(questions.flatMap(({ ids }) => ids));
    const answers = questions.map((question) => answer(question, { database, named, newest }));
    expect(
      unexplained(
        "osv-api-answers",
        answers.flatMap(({ differences }) => differences),
      ),
    ).toEqual([]);
    expect(answers.some(({ expected }) => expected > 0)).toBe(true);
  });
});

describe.skipIf(expectedFolder === undefined)("Trivy's expected results", () => {
  test("are found with fix, in projects and in images, where the ecosystem is one of ours (SCAN-1)", async () => {
    await using folder = await openFolder();
    const cases = join(expectedFolder ?? "", "trivy");
    const fixture = join(cases, "db-fixture-osv.zip");
    await using database = await openZips([fixture], folder.path);
    // The tables of images name the binary package only; the advisory tells its source.
    const sources = new Map<string, string>();
    for (const { names, packages } of readRecords(fixture)) {
      for (const { ecosystem, name } of packages) for (const id of names) sources.set(`${ecosystem} ${id}`, name);
    }
    const rows = expectedTables(cases).flatMap((path) => readRows(readFileSync(path, "utf8")));
    const results = rows.map((row) => compareRow(row, { database, sources }));
    expect(
      unexplained(
        "trivy",
        results.flatMap(({ difference }) => difference ?? []),
      ),
    ).toEqual([]);
    expect(results.some(({ compared }) => compared)).toBe(true);
  });
});

const rootfsFolder = dataFolder("rootfs");

describe.skipIf(osvFolder === undefined || rootfsFolder === undefined)("expected results of distributions", () => {
  test("are all that is found in their images, with fix (SCAN-1)", async () => {
    await using folder = await openFolder();
    await using database = await openZips(zipsOf(osvFolder ?? ""), folder.path);
    // A table without a row says that nothing was looked for, and so nothing about what is found.
    const tables = expectedOfRootfs(rootfsFolder ?? "").filter(({ expected }) => expected.length > 0);
    const differences = tables.flatMap((table) => compareTable(table, database));
    expect(unexplained("rootfs", differences)).toEqual([]);
    expect(tables.length).toBeGreaterThan(0);
  });
});

describe.skipIf(osvFolder === undefined || expectedFolder === undefined)("matches that people labelled", () => {
  test("are found where true and not where false, as far as the advisory is at hand (SCAN-1)", async () => {
    await using folder = await openFolder();
    const zips = zipsOf(osvFolder ?? "");
    await using database = await openZips(zips, folder.path);
    const told = new Map<string, string>();
    for (const { names, packages } of zips.flatMap(readRecords)) {
      for (const { ecosystem, name } of packages) {
        for (const id of names) told.set(`${id} ${comparedName(ecosystem, name)}`, ecosystem);
      }
    }
    const table = gunzipSync(readFileSync(join(expectedFolder ?? "", "match-labels/labels.tsv.gz"))).toString();
    const differences = readRows(table).flatMap((row) => compareLabel(row, { database, told }));
    expect(unexplained("match-labels", [...new Set(differences)])).toEqual([]);
  });
});

function zipsOf(folder: string): readonly string[] {
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

// Reviewed by hand, each with its reason; a difference that is not listed fails.
function unexplained(suite: string, differences: readonly string[]): readonly string[] {
  const list = readFileSync(join(import.meta.dirname, "known-differences/matching.json"), "utf8");
  const known: readonly KnownDifference[] = JSON.parse(list);
  const ofSuite = known.filter((entry) => entry.suite === suite);
  const listed = new Set(ofSuite.map(({ subject, difference }) => `${subject}: ${difference}`));
  return differences.filter((difference) => !listed.has(difference));
}

async function openZips(zips: readonly string[], output: string): Promise<AdvisoryDatabase> {
  await buildDatabase(zips, { output, now: builtAt });
  return openDatabase(output);
}

interface RecordFacts {
  readonly id: string;
  /** Its own id, and those of which it is another name or form. */
  readonly names: readonly string[];
  readonly packages: readonly { readonly ecosystem: string; readonly name: string }[];
}

interface OsvRecord {
  readonly id: string;
  readonly aliases?: readonly string[] | null;
  readonly upstream?: readonly string[] | null;
  readonly affected?: readonly { readonly package?: RecordFacts["packages"][number] }[] | null;
}

function readRecords(path: string): readonly RecordFacts[] {
  using source = openFileAccess(path);
  const zip = new ZipReader(source, { where: path });
  const decoder = new TextDecoder();
  return Array.from(zip.entries(), (entry) => {
    const record: OsvRecord = JSON.parse(decoder.decode(zip.read(entry)));
    const { id, aliases, upstream, affected } = record;
    const names = [id, ...(aliases ?? []), ...(upstream ?? [])];
    return { id, names, packages: (affected ?? []).flatMap((one) => one.package ?? []) };
  });
}

type Row = Readonly<Record<string, string>>;

function readRows(text: string): readonly Row[] {
  const [header = "", ...lines] = text.trimEnd().split("\n");
  const names = header.split("\t");
  return lines.map((line) => {
    const cells = line.split("\t");
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ""]));
  });
}

/** What is found for a package in `Alpine:v3.9`, which is version 3.9 of alpine, or in `npm`. */
function matchIn(database: AdvisoryDatabase, ecosystem: string, facts: Omit<PackageFacts, "type">): readonly Finding[] {
  const [name = "", release = ""] = ecosystem.split(":");
  const id = distributionIds[name];
  const os = id === undefined ? undefined : distribution(id, release.replace(/^(?:v|Leap )/, ""));
  const found = installed({ ...facts, type: types.get(name) ?? "" });
  return matchInventory(inventoryOf([found], os), database).findings;
}

function has({ id, aliases }: Finding, name: string): boolean {
  return id === name || aliases.includes(name);
}

interface Question {
  readonly ecosystem: string;
  readonly name: string;
  readonly version: string;
  readonly ids: readonly string[];
}

function readQuestions(path: string): readonly Question[] {
  const lines = readFileSync(path, "utf8").trim().split("\n");
  const questions = lines.map((line): Partial<Question> => JSON.parse(line));
  return questions.flatMap(({ ecosystem = "", name = "", version = "", ids = [] }) =>
    types.has(ecosystem.split(":")[0] ?? "") ? [{ ecosystem, name, version, ids }] : [],
  );
}

interface AnswerContext {
  readonly database: AdvisoryDatabase;
  readonly named: ReadonlyMap<string, RecordFacts["packages"]>;
  readonly newest: ReadonlyMap<string, string>;
}

const scoredPrefix = /^(?:PYSEC|DSA|DLA|ALPINE-CVE|GO|RUSTSEC|BIT|ALSA|RHSA|RLSA|CGA)-/;

function answer({ ecosystem, name, version, ids }: Question, { database, named, newest }: AnswerContext) {
  const [base = "", release] = ecosystem.split(":");
  const releases = database.facts.ecosystems.find((facts) => facts.ecosystem === base)?.releases ?? [];
  // A question without release is one about every release.
  const asked = release !== undefined || releases.length === 0 ? [ecosystem] : releases.map((one) => `${base}:${one}`);
  const findings = asked.flatMap((one) => matchIn(database, one, { name, version }));
  const found = new Set(findings.flatMap(({ explanations }) => explanations.map(({ advisory }) => advisory)));
  // A record can only be found in a release that it names.
  const isAtHand = (id: string) => named.get(id)?.some((one) => asked.includes(one.ecosystem)) === true;
  const expected = ids.filter((id) => scoredPrefix.test(id) && isAtHand(id));
  // Advisories that were published after the answers were recorded are no false matches.
  const extra = [...found].filter((id) => scoredPrefix.test(id) && !ids.includes(id) && !isNewer(id, newest));
  const subject = `${ecosystem} ${name} ${version}`;
  const missing = expected.filter((id) => !found.has(id)).map((id) => `${subject}: ${id} not found`);
  return { expected: expected.length, differences: [...missing, ...extra.map((id) => `${subject}: ${id} found`)] };
}

function newestByPrefix(ids: readonly string[]): ReadonlyMap<string, string> {
  const byPrefix = Map.groupBy(ids, (id) => scoredPrefix.exec(id)?.[0] ?? "");
  return new Map([...byPrefix].map(([name, group]) => [name, group.toSorted(compareNumbers).at(-1) ?? ""]));
}

function isNewer(id: string, newest: ReadonlyMap<string, string>): boolean {
  return compareNumbers(id, newest.get(scoredPrefix.exec(id)?.[0] ?? "") ?? "") > 0;
}

function compareNumbers(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}

const ecosystemOfTarget: Readonly<Record<string, string>> = {
  pip: "PyPI",
  pipenv: "PyPI",
  poetry: "PyPI",
  pylock: "PyPI",
  uv: "PyPI",
  "python-pkg": "PyPI",
  npm: "npm",
  yarn: "npm",
  pnpm: "npm",
  "node-pkg": "npm",
  bundler: "RubyGems",
  gemspec: "RubyGems",
  cargo: "crates.io",
  cocoapods: "CocoaPods",
  composer: "Packagist",
  conan: "ConanCenter",
  "dotnet-core": "NuGet",
  gobinary: "Go",
  gomod: "Go",
  gradle: "Maven",
  hex: "Hex",
  jar: "Maven",
  nuget: "NuGet",
  "packages-props": "NuGet",
  pom: "Maven",
  pub: "Pub",
  swift: "SwiftURL",
};

interface TrivyContext {
  readonly database: AdvisoryDatabase;
  readonly sources: ReadonlyMap<string, string>;
}

function compareRow(
  row: Row,
  { database, sources }: TrivyContext,
): { readonly compared: boolean; readonly difference?: string } {
  const { type = "", target = "", package: name = "", installed: version = "", vulnerability = "", fixed = "" } = row;
  const ecosystem = ecosystemOfTarget[type] ?? distributionOf(target);
  const source = sources.get(`${ecosystem} ${vulnerability}`);
  // Where the fixture has no advisory for that release there is nothing to find.
  if (ecosystem === undefined || source === undefined) return { compared: false };
  const finding = matchIn(database, ecosystem, { name, version, source: { name: source } }).find((one) =>
    has(one, vulnerability),
  );
  const got = finding === undefined ? "not found" : `fixed in ${finding.fixedIn.join(", ")}`;
  if (got === `fixed in ${fixed}`) return { compared: true };
  return {
    compared: true,
    difference: `${ecosystem} ${name} ${version}: ${vulnerability} ${got}, not fixed in ${fixed}`,
  };
}

function distributionOf(target: string): string | undefined {
  const [, id, major = "", minor] = /\((alpine|alma|debian|rocky|ubuntu) (\d+)\.(\d+)/.exec(target) ?? [];
  const releases: Readonly<Record<string, string>> = {
    alpine: `Alpine:v${major}.${minor}`,
    alma: `AlmaLinux:${major}`,
    debian: `Debian:${major}`,
    rocky: `Rocky Linux:${major}`,
    ubuntu: `Ubuntu:${major}.${minor}`,
  };
  return id === undefined ? undefined : releases[id];
}

function expectedTables(folder: string): readonly string[] {
  const projects = readdirSync(join(folder, "projects")).map((name) => join(folder, "projects", name, "EXPECTED.tsv"));
  const images = readdirSync(join(folder, "images")).filter((name) => name.endsWith(".vulns.tsv"));
  return [...projects, ...images.map((name) => join(folder, "images", name))].filter((path) => existsSync(path));
}

interface ExpectedTable {
  readonly name: string;
  readonly packages: readonly Row[];
  readonly expected: readonly Row[];
}

// A table of packages beside one of vulnerabilities, both named for the image: `almalinux-9.3-…`.
function expectedOfRootfs(folder: string): readonly ExpectedTable[] {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return paths
    .filter((path) => path.endsWith(".expected-vulns.tsv"))
    .map((path) => join(folder, path.slice(0, -".expected-vulns.tsv".length)))
    .filter((path) => existsSync(`${path}.packages.tsv`))
    .map((path) => ({
      name: basename(path),
      packages: readRows(readFileSync(`${path}.packages.tsv`, "utf8")),
      expected: readRows(readFileSync(`${path}.expected-vulns.tsv`, "utf8")),
    }));
}

function compareTable({ name, packages, expected }: ExpectedTable, database: AdvisoryDatabase): readonly string[] {
  const [, id = "", version = ""] = /^([a-z]+)-(\d+(?:\.\d+)?)/.exec(name) ?? [];
  const found = packages.map((row) => {
    const { epoch = "0", release = "", ...rest } = row;
    const facts = { type: "rpm", name: rest["name"] ?? "", version: `${epoch}:${rest["version"]}-${release}` };
    return installed({ ...facts, source: { name: (rest["sourcerpm"] ?? "").replace(/-[^-]+-[^-]+$/, "") } });
  });
  const { findings } = matchInventory(inventoryOf(found, distribution(id, version)), database);
  const got = findings.flatMap((finding) =>
    finding.explanations.map(
      ({ advisory, range }) => `${advisory} ${finding.package.name} ${range.replace(/^< (?:0:)?/, "")}`,
    ),
  );
  const wanted = expected.map((row) => `${row["advisory"]} ${row["package"]} ${row["fixed"]}`);
  const missing = wanted.filter((line) => !got.includes(line)).map((line) => `${name}: ${line} not found`);
  const extra = [...new Set(got)].filter((line) => !wanted.includes(line)).map((line) => `${name}: ${line} found`);
  return [...missing, ...extra];
}

const languages = ["Go", "Maven", "NuGet", "Packagist", "PyPI", "RubyGems", "crates.io", "npm"];

interface LabelContext {
  readonly database: AdvisoryDatabase;
  readonly told: ReadonlyMap<string, string>;
}

// The table names neither type nor distribution of a package: a GHSA, and a package of that name among the advisory's
// own, are what tells that the row is of a language's package.
function compareLabel(row: Row, { database, told }: LabelContext): readonly string[] {
  const { package: name = "", version = "", vulnerability = "", label = "" } = row;
  if (!vulnerability.startsWith("GHSA-") || (label !== "TP" && label !== "FP")) return [];
  const ecosystem = languages.find((one) => told.get(`${vulnerability} ${comparedName(one, name)}`) === one);
  if (ecosystem === undefined) return [];
  const isFound = matchIn(database, ecosystem, { name, version }).some((finding) => has(finding, vulnerability));
  if (isFound === (label === "TP")) return [];
  return [`${ecosystem} ${name} ${version}: ${vulnerability} ${isFound ? "found" : "not found"}`];
}

function comparedName(ecosystem: string, name: string): string {
  return ecosystem === "PyPI" ? name.toLowerCase().replaceAll(/[-_.]+/g, "-") : name;
}
