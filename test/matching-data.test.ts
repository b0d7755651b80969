import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type AdvisoryDatabase, matchInventory } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { distribution, installed, inventoryOf, openFolder } from "./matching-database.ts";
import {
  distributionIds,
  has,
  matchIn,
  openZips,
  type RecordFacts,
  readRecords,
  readRows,
  type Row,
  types,
  unexplained,
  zipsOf,
} from "./matching-records.ts";

const osvFolder = dataFolder("osv");
const expectedFolder = dataFolder("scan-expected");

describe.skipIf(osvFolder === undefined)("answers of api.osv.dev", () => {
  test("are met wherever the advisory is at hand (SCAN-1)", { timeout: 600_000 }, async () => {
    await using folder = await openFolder();
    const zips = zipsOf(osvFolder ?? "");
    await using database = await openZips(zips, folder.path);
    const records = new Map(zips.flatMap(readRecords).map((record) => [record.id, record]));
    const questions = readQuestions(join(osvFolder ?? "", "osv-api-answers.jsonl"));
    const recordings = new Map(
      [...Map.groupBy(questions, ({ src }) => src)].map(([src, group]) => [src, readRecording(group)]),
    );
    const answers = questions.flatMap((question) => {
      const recording = recordings.get(question.src);
      return recording === undefined || saysNothing(question, recording)
        ? []
        : answer(question, { database, records, recording });
    });
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
  test(
    "are found with fix, in projects and in images, where the ecosystem is one of ours (SCAN-1)",
    { timeout: 600_000 },
    async () => {
      await using folder = await openFolder();
      const cases = join(expectedFolder ?? "", "trivy");
      const fixture = join(cases, "db-fixture-osv.zip");
      await using database = await openZips([fixture], folder.path);
      // The tables of images name the binary package only; the advisory tells its source.
      const sources = new Map<string, Source>();
      for (const { names, packages } of readRecords(fixture)) {
        for (const { ecosystem, name, ranges } of packages) {
          const fixes = ranges.flat().flatMap(({ fixed }) => fixed ?? []);
          for (const id of names) {
            const known = sources.get(`${ecosystem} ${id}`)?.fixes ?? [];
            sources.set(`${ecosystem} ${id}`, { name, fixes: [...known, ...fixes] });
          }
        }
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
    },
  );
});

const rootfsFolder = dataFolder("rootfs");

describe.skipIf(osvFolder === undefined || rootfsFolder === undefined)("expected results of distributions", () => {
  test("are all that is found in their images, with fix (SCAN-1)", { timeout: 600_000 }, async () => {
    await using folder = await openFolder();
    await using database = await openZips(zipsOf(osvFolder ?? ""), folder.path);
    // A table without a row says that nothing was looked for, and so nothing about what is found.
    const tables = expectedOfRootfs(rootfsFolder ?? "").filter(({ expected }) => expected.length > 0);
    const differences = tables.flatMap((table) => compareTable(table, database));
    expect(unexplained("rootfs", differences)).toEqual([]);
    expect(tables.length).toBeGreaterThan(0);
  });
});

interface Question {
  readonly ecosystem: string;
  readonly name: string;
  readonly version: string;
  readonly ids: readonly string[];
  /** Who recorded it. */
  readonly src: string;
}

function readQuestions(path: string): readonly Question[] {
  const lines = readFileSync(path, "utf8").trim().split("\n");
  const questions = lines.map((line): Partial<Question> => JSON.parse(line));
  return questions.flatMap(({ ecosystem = "", name = "", version = "", ids = [], src = "" }) =>
    types.has(ecosystem.split(":")[0] ?? "") ? [{ ecosystem, name, version, ids, src }] : [],
  );
}

/** What is known of when the answers of one project were recorded. */
interface Recording {
  readonly ids: ReadonlySet<string>;
  readonly newest: ReadonlyMap<string, string>;
  /** The distributions of which questions that name no release were answered with something. */
  readonly releaseless: ReadonlySet<string>;
}

function readRecording(questions: readonly Question[]): Recording {
  const ids = questions.flatMap((question) => question.ids);
  const answered = questions.filter((question) => question.ids.length > 0 && !question.ecosystem.includes(":"));
  return { ids: new Set(ids), newest: newestByPrefix(ids), releaseless: new Set(answered.map((one) => one.ecosystem)) };
}

// Of some distributions (Alpine) a question without release is answered with nothing whatever the version.
function saysNothing({ ecosystem }: Question, { releaseless }: Recording): boolean {
  return ecosystem in distributionIds && !releaseless.has(ecosystem);
}

interface AnswerContext {
  readonly database: AdvisoryDatabase;
  readonly records: ReadonlyMap<string, RecordFacts>;
  readonly recording: Recording;
}

const scoredPrefix = /^(?:PYSEC|DSA|DLA|ALPINE-CVE|GO|RUSTSEC|BIT|ALSA|RHSA|RLSA|CGA)-/;

function answer({ ecosystem, name, version, ids }: Question, { database, records, recording }: AnswerContext) {
  const [base = "", release] = ecosystem.split(":");
  const releases = database.facts.ecosystems.find((facts) => facts.ecosystem === base)?.releases ?? [];
  // A question without release is one about every release.
  const asked = release !== undefined || releases.length === 0 ? [ecosystem] : releases.map((one) => `${base}:${one}`);
  const findings = asked.flatMap((one) => matchIn(database, one, { name, version }));
  const found = new Set(findings.flatMap(({ explanations }) => explanations.map(({ advisory }) => advisory)));
  // A record can only be found in a release that it names.
  const isAtHand = (id: string) => records.get(id)?.packages.some((one) => asked.includes(one.ecosystem)) === true;
  const expected = ids.filter((id) => scoredPrefix.test(id) && isAtHand(id));
  // An advisory that the answer gives by another of its names is no false match, nor is one published after it.
  const isAnswered = (id: string) => ids.includes(id) || records.get(id)?.names.some((one) => ids.includes(one));
  const extra = [...found].filter((id) => scoredPrefix.test(id) && !isAnswered(id) && !isNewer(id, recording));
  const subject = `${ecosystem} ${name} ${version}`;
  const missing = expected.filter((id) => !found.has(id)).map((id) => `${subject}: ${id} not found`);
  return { expected: expected.length, differences: [...missing, ...extra.map((id) => `${subject}: ${id} found`)] };
}

function newestByPrefix(ids: readonly string[]): ReadonlyMap<string, string> {
  const byPrefix = Map.groupBy(ids, (id) => scoredPrefix.exec(id)?.[0] ?? "");
  return new Map([...byPrefix].map(([name, group]) => [name, group.toSorted(compareNumbers).at(-1) ?? ""]));
}

// The records have no date of use. Newer are those above the newest answered and, since numbers are given out before
// they are published, those of its year that no answer of that recording names.
function isNewer(id: string, { ids, newest }: Recording): boolean {
  const last = newest.get(scoredPrefix.exec(id)?.[0] ?? "") ?? "";
  if (compareNumbers(id, last) > 0) return true;
  const [year, lastYear] = [/-(20\d\d)-/.exec(id)?.[1], /-(20\d\d)-/.exec(last)?.[1]];
  return year !== undefined && year === lastYear && !ids.has(id);
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

interface Source {
  readonly name: string;
  /** Every version that the records at hand call mended. */
  readonly fixes: readonly string[];
}

interface TrivyContext {
  readonly database: AdvisoryDatabase;
  readonly sources: ReadonlyMap<string, Source>;
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
  const finding = matchIn(database, ecosystem, { name, version, source: { name: source.name } }).find((one) =>
    has(one, vulnerability),
  );
  const got = finding === undefined ? "not found" : `fixed in ${finding.fixedIn.join(", ")}`;
  if (finding !== undefined && isFixedAs(finding.fixedIn, fixed, source)) return { compared: true };
  return {
    compared: true,
    difference: `${ecosystem} ${name} ${version}: ${vulnerability} ${got}, not fixed in ${fixed}`,
  };
}

// Trivy's tables name the fix of every line of versions, with or without the `v` of a tag; we name that of the lines that
// hold the version. A fix that the records at hand do not name (they were converted, and some end at last_affected, or
// the table was made from a later form) cannot be demanded: then ours must be what they do name.
function isFixedAs(ours: readonly string[], table: string, { fixes }: Source): boolean {
  const known = new Set(fixes.map(bare));
  const wanted = table
    .split(", ")
    .map(bare)
    .filter((version) => known.has(version));
  if (wanted.length === 0) return ours.every((version) => known.has(bare(version)));
  return ours.length > 0 && ours.every((version) => wanted.includes(bare(version)));
}

function bare(version: string): string {
  return version.replace(/^v(?=\d)/, "");
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
