import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Decoder, type Package, parseJson, type Problem } from "@sc/model";
import { takeInventory } from "@sc/sbom";
import { buildLayer } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { type KindOfFile, kindsOfFiles } from "./declared-kinds.ts";
import { layerSource } from "./folder-layer.ts";

interface Expectation {
  readonly name: string;
  readonly version: string;
  readonly dev: boolean;
  readonly relationship: string | undefined;
}

interface Case {
  readonly suite: string;
  readonly kind: string;
  readonly title: string;
  readonly file: string;
  readonly wantError: boolean;
  readonly packages: readonly Expectation[];
}

function readCases(folder: string, suite: string): Case[] {
  const lines = readFileSync(join(folder, suite, "expected.jsonl"), "utf8").split("\n");
  return lines
    .filter((line) => line !== "")
    .map((line) => {
      const row = new Decoder(parseJson(line, "expected.jsonl"), suite);
      return {
        suite,
        kind: row.member("extractor").optional((kind) => kind.string()) ?? row.member("parser").string(),
        title: row.member("case").optional((title) => title.string()) ?? "",
        file: row.member("file").string(),
        wantError: row.member("wantError").optional((flag) => flag.boolean()) ?? false,
        packages: row
          .member("packages")
          .array()
          .map((one) => ({
            name: one.member("name").string(),
            version: versionOf(one.member("version").optional((version) => version.string())),
            dev: one.member("dev").optional((dev) => dev.boolean()) ?? false,
            relationship: one.member("relationship").optional((relationship) => relationship.string()),
          })),
      };
    });
}

/** One suite says that it knows no version where the other says nothing. */
function versionOf(version: string | undefined): string {
  return version === undefined || version === "unknown" ? "" : version;
}

interface Difference {
  readonly case: string;
  /** Packages that the suite expects and we do not list. */
  readonly missing: readonly string[];
  /** Packages that we list and the suite does not expect. */
  readonly extra: readonly string[];
  readonly reason: string;
}

const known: readonly Difference[] = new Decoder(
  parseJson(readFileSync(join(import.meta.dirname, "known-differences/lang.json")), "lang.json"),
  "lang.json",
)
  .array()
  .map((row) => ({
    case: row.member("case").string(),
    missing: row
      .member("missing")
      .array()
      .map((one) => one.string()),
    extra: row
      .member("extra")
      .array()
      .map((one) => one.string()),
    reason: row.member("reason").string(),
  }));

/** Name and version without what ecosystems write in several ways. */
function normal(kind: KindOfFile, name: string, version: string): string {
  const bare = version.replace(/^[v=](?=\d)/, "").replace(/\+incompatible$/, "");
  return `${kind.name?.(name) ?? name}@${kind.version?.(bare) ?? bare}`;
}

/** The file under the name that its format has, and what lies beside it. */
async function inventoryOf(
  folder: string,
  one: Case,
  kind: KindOfFile,
): Promise<{ packages: readonly Package[]; problems: readonly Problem[]; text: string }> {
  const file = join(folder, one.suite, one.file);
  const base = "case/app";
  const entries = [{ path: `${base}/${kind.path}`, content: readFileSync(file) }];
  for (const beside of kind.beside?.(basename(file)) ?? []) {
    if (readdirSync(dirname(file)).includes(beside.from)) {
      entries.push({ path: `${base}/${beside.to}`, content: readFileSync(join(dirname(file), beside.from)) });
    }
  }
  const layers = [layerSource(buildLayer(entries))];
  const input = { subject: { type: "image", name: "case" }, layers } as const;
  const { packages, problems } = await takeInventory(input, { catalogers: kind.catalogers });
  return { packages, problems, text: entries.map(({ content }) => content.toString("utf8")).join("\n") };
}

interface Read {
  readonly kind: KindOfFile;
  readonly packages: readonly Package[];
  /** The file itself, and what lies beside it. */
  readonly text: string;
}

interface Outcome {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

/**
 * What differs after the choices that hold for every format: development dependencies are listed, marked with their
 * scope, where a suite leaves them out; the project itself and its workspace members are not packages; and what has no
 * exact version is not listed, or, when it comes from version control, with its commit for a version.
 */
function compare(one: Case, { kind, packages, text }: Read): Outcome {
  const ours = new Map(packages.map((entry) => [normal(kind, entry.name, entry.version), entry] as const));
  const unversioned = new Set(
    one.packages.filter(({ version }) => version === "").map(({ name }) => kind.name?.(name) ?? name),
  );
  const theirs = new Map(
    one.packages
      .filter(({ version, relationship }) => version !== "" && relationship !== "root" && relationship !== "workspace")
      .map((entry) => [normal(kind, entry.name, entry.version), entry] as const),
  );
  return {
    missing: [...theirs]
      .filter(([key, wanted]) => !ours.has(key) && kind.exact?.(text, wanted) !== false)
      .map(([key]) => key)
      .toSorted(),
    extra: [...ours]
      .filter(
        ([key, entry]) =>
          !theirs.has(key) && entry.properties?.["scope"] === undefined && kind.ours?.(entry, text) !== true,
      )
      .filter(([, entry]) => !unversioned.has(kind.name?.(entry.name) ?? entry.name) && !isCommit(entry))
      .filter(([, entry]) => theirs.size > 0 || kind.whole !== false || kind.exact?.(text, entry) !== true)
      .map(([key]) => key)
      .toSorted(),
  };
}

function isCommit({ version, purl }: Package): boolean {
  return /^[0-9a-f]{7,64}$/.test(version) && purl.includes("vcs_url=");
}

const folder = dataFolder("lang");
const cases = folder === undefined ? [] : ["scalibr", "trivy"].flatMap((suite) => readCases(folder, suite));
const met = new Set<string>();

describe.runIf(folder !== undefined)("files of declared packages say what peers find in them", () => {
  const groups = Map.groupBy(cases, (one) => `${one.suite}: ${one.kind}`);
  for (const [group, members] of groups) {
    const kind = kindsOfFiles.get(members[0]?.kind ?? "");
    if (kind === undefined) {
      process.stderr.write(`${group}: no cataloger of declared packages reads its ${members.length} cases\n`);
      continue;
    }
    const byFile = Map.groupBy(members, (one) => one.file);
    for (const [file, variants] of byFile) {
      test(`${group}: ${file} (SBOM-2)`, async () => {
        const failures: unknown[] = [];
        let right = false;
        for (const one of variants) {
          const key = `${one.suite} ${one.kind}: ${basename(one.file)}: ${one.title}`;
          const { packages, problems, text } = await inventoryOf(folder ?? "", one, kind);
          if (one.wantError && (packages.length === 0 || problems.length > 0)) {
            right = true;
            continue;
          }
          const outcome = compare(one, { kind, packages, text });
          const difference = known.find((entry) => entry.case === key);
          if (difference !== undefined && difference.reason !== "") {
            met.add(key);
            expect({ case: key, ...outcome }).toEqual({
              case: key,
              missing: difference.missing,
              extra: difference.extra,
            });
            right = true;
          } else if (outcome.missing.length + outcome.extra.length === 0) right = true;
          else failures.push({ case: key, ...outcome, problems: problems.map((problem) => problem.message) });
        }
        // Where a suite expects several things of one file, by its own options, one of them is enough.
        if (!right) expect(failures).toEqual([]);
      });
    }
  }

  test("every known difference still occurs in the cases that are here", () => {
    const here = new Set(cases.map((one) => `${one.suite} ${one.kind}: ${basename(one.file)}: ${one.title}`));
    expect(known.filter((entry) => here.has(entry.case) && !met.has(entry.case)).map((entry) => entry.case)).toEqual(
      [],
    );
  });
});
