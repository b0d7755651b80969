import type { Problem } from "@sc/model";
import { describe, expect, test } from "vitest";
import { chooseCatalogers } from "./choose-catalogers.ts";
import { limits } from "./limits.ts";
import { collectCuts } from "./read/cuts.ts";
import { parseJavaManifest, parseJavaProperties } from "./read/java-manifest.ts";
import { runCataloger } from "./run-cataloger.ts";

/** What a file with that content makes a cataloger say. */
function problemsOf(id: string, path: string, content: string): readonly Problem[] {
  const cataloger = chooseCatalogers([id]).find((one) => one.id === id);
  if (cataloger === undefined) throw new Error(`no cataloger ${id}`);
  const bytes = Buffer.from(content);
  const facts = cataloger.read({
    path,
    size: bytes.length,
    mode: 0o644,
    bytes: () => bytes,
    text: () => content,
    readAt: (offset, length) => bytes.subarray(offset, offset + length),
  });
  if (typeof facts === "object" && facts !== null && "kind" in facts && facts.kind === "problem")
    return [facts as never];
  if (facts === undefined) return [];
  // They go from thread to thread and into the cache.
  const found = new Map([[path, structuredClone(facts)]]);
  return runCataloger(cataloger, found, { distribution: undefined, resolve: () => undefined }).problems;
}

const { maxNames, maxRecords, maxFiles, maxProjectFiles, maxFields } = limits;

function many(count: number, make: (at: number) => string, between: string = ""): string {
  return Array.from({ length: count }, (_, at) => make(at)).join(between);
}

const json = (value: unknown): string => JSON.stringify(value);
const record = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, "1"]));
const named = (count: number): string[] => Array.from({ length: count }, (_, at) => `a/n${at}`);
const plain = (count: number): string[] => Array.from({ length: count }, (_, at) => `n${at}`);
const npm = { name: "a", version: "1.0.0" };

/** A file of each kind, with so many of what is limited. */
const cases: readonly (readonly [
  what: string,
  id: string,
  path: string,
  most: number,
  make: (count: number) => string,
])[] = [
  [
    "files in a RECORD",
    "python-packages",
    "s/a-1.dist-info/RECORD",
    maxProjectFiles,
    (count) => many(count, () => "a,,", "\n"),
  ],
  [
    "fields of METADATA",
    "python-packages",
    "s/a-1.dist-info/METADATA",
    maxFields,
    (count) => `Name: a\nVersion: 1\n${many(count - 2, (at) => `Requires-Dist: n${at}\n`)}`,
  ],
  [
    "files of a conda package",
    "conda-packages",
    "c/conda-meta/a.json",
    maxFiles,
    (count) => json({ ...npm, files: Array.from({ length: count }, () => "a") }),
  ],
  [
    "what a conda package depends on",
    "conda-packages",
    "c/conda-meta/a.json",
    maxNames,
    (count) => json({ ...npm, depends: plain(count) }),
  ],
  ["lines of chisel's list", "chisel", "usr/share/rocks/dpkg.query", maxFiles, (count) => many(count, () => "", "\n")],
  [
    "fields of a pacman package",
    "pacman",
    "var/lib/pacman/local/a-1/desc",
    maxFields,
    (count) => `%NAME%\na\n\n%VERSION%\n1\n\n${many(count - 2, (at) => `%A${at}%\nx\n`)}`,
  ],
  [
    "what a pacman package depends on",
    "pacman",
    "var/lib/pacman/local/a-1/desc",
    maxNames,
    (count) => `%NAME%\na\n\n%VERSION%\n1\n\n%DEPENDS%\n${many(count, (at) => `n${at}\n`)}`,
  ],
  [
    "characters of a path",
    "pacman",
    "var/lib/pacman/local/a-1/files",
    limits.maxPathChars,
    (count) => `%FILES%\n${"a".repeat(count)}\n`,
  ],
  [
    "what an apk package depends on",
    "apk",
    "lib/apk/db/installed",
    maxNames,
    (count) => `P:a\nV:1\nD:${plain(count).join(" ")}\n`,
  ],
  [
    "characters of an apk path",
    "apk",
    "lib/apk/db/installed",
    limits.maxPathChars,
    (count) => `P:a\nV:1\nF:\nR:${"a".repeat(count)}\n`,
  ],
  [
    "what a dpkg package depends on",
    "dpkg",
    "var/lib/dpkg/status",
    maxNames,
    (count) => `Package: a\nVersion: 1\nDepends: ${plain(count).join(", ")}\n`,
  ],
  ["lines of diversions", "dpkg", "var/lib/dpkg/diversions", maxRecords, (count) => many(count, () => "", "\n")],
  [
    "fields of a dpkg package",
    "dpkg",
    "var/lib/dpkg/status",
    maxFields,
    (count) => `Package: a\nVersion: 1\n${many(count - 2, (at) => `F${at}: 1\n`)}`,
  ],
  [
    "what an R package depends on",
    "r-packages",
    "l/a/DESCRIPTION",
    maxNames,
    (count) => `Package: a\nVersion: 1\nBuilt: R\nDepends: ${plain(count).join(",")}\n`,
  ],
  [
    "lines of an Erlang application",
    "erlang-applications",
    "l/a-1/ebin/a.app",
    maxRecords,
    (count) => `{application,a,[{vsn,"1"}]}.${"\n".repeat(count - 1)}`,
  ],
  [
    "applications that one depends on",
    "erlang-applications",
    "l/a-1/ebin/a.app",
    maxNames,
    (count) => `{application,a,[{vsn,"1"},{applications,[${plain(count).join(",")}]}]}.`,
  ],
  [
    "what a Composer package requires",
    "composer-packages",
    "v/composer/installed.json",
    maxNames,
    (count) => json([{ name: "a/a", version: "1", require: record(named(count)) }]),
  ],
  [
    "licences of a Composer package",
    "composer-packages",
    "v/composer/installed.json",
    100,
    (count) => json([{ name: "a/a", version: "1", license: plain(count) }]),
  ],
  [
    "packages of a yarn loader",
    "yarn-archives",
    ".pnp.data.json",
    maxRecords,
    (count) =>
      json({ packageRegistryData: [["a", plain(count).map((at) => [at, { packageLocation: "./c/a.zip/n/" }])]] }),
  ],
  [
    "what a package of a yarn loader needs",
    "yarn-archives",
    ".pnp.data.json",
    maxNames,
    (count) =>
      json({
        packageRegistryData: [
          [
            "a",
            [["1", { packageLocation: "./c/a.zip/n/", packageDependencies: plain(count).map((name) => [name, "1"]) }]],
          ],
        ],
      }),
  ],
  [
    "extensions of an editor",
    "editor-extensions",
    "h/extensions/extensions.json",
    maxRecords,
    (count) => json(Array.from({ length: count }, () => 0)),
  ],
  [
    "what a Homebrew formula depends on",
    "homebrew",
    "Cellar/a/1/INSTALL_RECEIPT.json",
    maxNames,
    (count) => json({ runtime_dependencies: plain(count).map((name) => ({ full_name: name })) }),
  ],
  [
    "characters of what a Portage package depends on",
    "portage",
    "var/db/pkg/a/a-1/RDEPEND",
    limits.maxTextChars * 4,
    (count) => "a".repeat(count),
  ],
  ["modules of a go.sum", "go-mod", "go.sum", maxRecords, (count) => many(count, (at) => `n/${at} v1 h1:a`, "\n")],
  [
    "lines of a snap's description",
    "snap",
    "snap/a/1/meta/snap.yaml",
    maxFields,
    (count) => `name: a\nversion: 1${"\n".repeat(count - 2)}`,
  ],
  [
    "packages of npm's hidden lock file",
    "node-modules",
    "a/node_modules/.package-lock.json",
    maxRecords,
    (count) => json({ packages: Object.fromEntries(plain(count).map((name) => [name, { integrity: "a" }])) }),
  ],
  [
    "what an npm package depends on",
    "node-modules",
    "node_modules/a/package.json",
    maxNames,
    (count) => json({ ...npm, dependencies: record(plain(count)) }),
  ],
  [
    "what an npm package bundles",
    "node-modules",
    "node_modules/a/package.json",
    maxNames,
    (count) => json({ ...npm, bundleDependencies: plain(count) }),
  ],
  [
    "licences of an npm package",
    "node-modules",
    "node_modules/a/package.json",
    100,
    (count) => json({ ...npm, license: undefined, licenses: plain(count).map((type) => ({ type })) }),
  ],
  [
    "lines of a Java release file",
    "java-runtime",
    "jdk/release",
    maxFields,
    (count) => `JAVA_VERSION="21"${"\n".repeat(count - 1)}`,
  ],
  [
    "libraries of a .NET application",
    "dotnet-packages",
    "a.deps.json",
    maxRecords,
    (count) => json({ libraries: Object.fromEntries(plain(count).map((name) => [`${name}/1`, { type: "package" }])) }),
  ],
  [
    "what a .NET library depends on",
    "dotnet-packages",
    "a.deps.json",
    maxNames,
    (count) =>
      json({
        runtimeTarget: { name: "t" },
        targets: { t: { "a/1": { dependencies: record(plain(count)) } } },
        libraries: { "a/1": { type: "package" } },
      }),
  ],
  [
    "hashes of a requirement",
    "requirements",
    "requirements.txt",
    maxNames,
    (count) => `a==1 ${many(count, () => `--hash=sha256:${"0".repeat(64)}`, " ")}\n`,
  ],
  [
    "what a package of yarn.lock depends on",
    "yarn-lock",
    "yarn.lock",
    maxNames,
    (count) => `a@1:\n  version "1"\n  dependencies:\n${many(count, (at) => `    n${at} "1"\n`)}`,
  ],
  [
    "what a package of an embedded document depends on",
    "embedded-documents",
    "usr/share/sbom/a.cdx.json",
    maxNames,
    (count) =>
      json({
        bomFormat: "CycloneDX",
        specVersion: "1.6",
        components: ["a", ...plain(count)].map((name) => ({
          type: "library",
          "bom-ref": name,
          name,
          version: "1",
          purl: `pkg:npm/${name}@1`,
        })),
        dependencies: [{ ref: "a", dependsOn: plain(count) }],
      }),
  ],
  [
    "places that look like a version",
    "known-binaries",
    "usr/bin/nginx",
    20_000,
    (count) => `\u007fELF${many(count, () => "nginx/x")}`,
  ],
];

describe("a limit that keeps something from being read is a problem, and the inventory incomplete (SBOM-1)", () => {
  test.each(cases)("%s", (...[, id, path, most, make]) => {
    const cut = (content: string): readonly Problem[] =>
      problemsOf(id, path, content).filter((problem) => problem.incomplete === true && problem.path === path);
    expect(cut(make(most))).toEqual([]);
    const problems = cut(make(most + 1));
    expect(problems).not.toEqual([]);
    expect(problems.map(({ message }) => message).join("\n")).toContain(`more than ${most} `);
  });

  test.each([
    ["lines of a manifest", maxRecords, parseJavaManifest, (count: number) => "A: a\n".repeat(count - 1)],
    ["attributes of a manifest", maxFields, parseJavaManifest, (count: number) => many(count, (at) => `A${at}: a\n`)],
    ["lines of pom.properties", maxFields, parseJavaProperties, (count: number) => "a=a\n".repeat(count - 1)],
  ])("%s", (what, most, parse, make) => {
    expect(collectCuts(() => parse(make(most))).cuts).toEqual([]);
    expect(collectCuts(() => parse(make(most + 1))).cuts).toEqual([`more than ${most} ${what}`]);
  });

  test("files with the note of one package", () => {
    const cataloger = chooseCatalogers(["elf-package-notes"]).find(({ id }) => id === "elf-package-notes");
    if (cataloger === undefined) throw new Error("no such cataloger");
    const cut = (count: number): readonly Problem[] => {
      const note = { type: "rpm", name: "a", version: "1-1" };
      const found = new Map(Array.from({ length: count }, (_, at) => [`usr/lib/${at}.so`, note]));
      return runCataloger(cataloger, found, { distribution: undefined, resolve: () => undefined }).problems;
    };
    expect(cut(10_000)).toEqual([]);
    expect(cut(10_001)).toEqual([
      expect.objectContaining({
        code: "TOO_MANY_RECORDS",
        incomplete: true,
        message: "elf-package-notes: more than 10000 files with the note of one package",
      }),
    ]);
  });
});
