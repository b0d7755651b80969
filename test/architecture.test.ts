import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import {
  blockedConstructs,
  tooNew,
  emptyNames,
  errorCodesThrown,
  escapingImports,
  importedPackages,
  indexStatements,
  listedModules,
  misnamed,
  misshapen,
  tableCodes,
  undocumentedExports,
  unfinishedTests,
} from "./architecture-rules.ts";

const root = join(import.meta.dirname, "..");

/** Each package's level and the packages it may import: the table of the design, as a literal. */
const layers: Readonly<Record<string, readonly [level: number, mayImport: readonly string[]]>> = {
  model: [0, []],
  http: [1, ["model"]],
  archive: [1, ["model"]],
  oci: [2, ["model", "http", "archive"]],
  rootfs: [2, ["model", "archive"]],
  scan: [2, ["model", "http", "archive"]],
  sign: [2, ["model", "http"]],
  policy: [2, ["model"]],
  sbom: [3, ["model", "archive", "rootfs"]],
  pipeline: [4, ["model", "http", "archive", "oci", "rootfs", "scan", "sign", "policy", "sbom"]],
  cli: [5, ["model", "http", "archive", "oci", "rootfs", "scan", "sign", "policy", "sbom", "pipeline"]],
  testing: [9, ["model", "archive", "oci", "sign"]],
};

/**
 * Folders whose `index.ts` is the explicit list of the values in the files beside it, and the folder under `vectors/`
 * that has cases for each of them, where there is one.
 */
const lists: Readonly<Record<string, string | undefined>> = {
  "cli/src/commands": undefined,
  "oci/src/credentials": undefined,
  "policy/src/rules": undefined,
  "sbom/src/catalogers": "catalogers",
  "sbom/src/documents": undefined,
  "scan/src/false-matches": undefined,
  "scan/src/feeds": "feeds",
  "scan/src/reports": undefined,
  "scan/src/versions": "versions",
  "pipeline/src/ci": undefined,
  "sign/src/identities": undefined,
  "sign/src/predicates": undefined,
  "sign/src/signers": undefined,
};

/** The requirements that are served today, each cited by the name of at least one test. */
const served: readonly string[] = [
  "OCI-1",
  "OCI-2",
  "OCI-3",
  "OCI-4",
  "OCI-5",
  "OCI-6",
  "OCI-7",
  "RUN-1",
  "RUN-2",
  "RUN-5",
  "SBOM-2",
  "SBOM-3",
  "SBOM-4",
  "SBOM-5",
  "SCAN-1",
  "SCAN-2",
  "SCAN-5",
  "SIGN-1",
  "SIGN-2",
  "SIGN-3",
  "SIGN-4",
  "SIGN-5",
  "SIGN-7",
];

const names = Object.keys(layers);

// Node's own recursive listing follows the links in node_modules, round and round.
function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "node_modules" || entry.name === "dist" ? [] : filesBelow(path);
      return entry.isFile() && entry.name.endsWith(".ts") ? [path] : [];
    })
    .toSorted();
}

/** Tests, and what several tests of a package share; neither is built. */
function isTest(file: string): boolean {
  return file.endsWith(".test.ts") || file.endsWith(".testing.ts");
}

function sources(name: string): readonly string[] {
  return filesBelow(join(root, "packages", name, "src")).filter((file) => !isTest(file));
}

function tests(name: string): readonly string[] {
  return filesBelow(join(root, "packages", name, "src")).filter(isTest);
}

const read = (file: string): string => readFileSync(file, "utf8");
const at = (file: string): string => relative(root, file);

describe("packages keep their layers", () => {
  test("the table names every package and every package stands in the table", () => {
    expect(readdirSync(join(root, "packages")).toSorted()).toEqual(names.toSorted());
  });

  test("a package may only import packages of a lower level", () => {
    for (const [name, [level, mayImport]] of Object.entries(layers)) {
      for (const lower of mayImport) expect(layers[lower]?.[0], `${name} → ${lower}`).toBeLessThan(level);
    }
  });

  test.each(names)("%s imports, depends on and references only what its level allows", (name) => {
    const allowed = layers[name]?.[1] ?? [];
    const manifest = JSON.parse(read(join(root, "packages", name, "package.json")));
    // The command line ships as a bundle that holds what it needs: who installs it installs nothing else.
    const { dependencies = {}, devDependencies = {} } = manifest;
    if (name === "cli") expect(dependencies).toEqual({});
    const depends = Object.keys(name === "cli" ? devDependencies : dependencies).filter((one) =>
      one.startsWith("@sc/"),
    );
    const references = JSON.parse(read(join(root, "packages", name, "tsconfig.json"))).references;
    const imported = sources(name).flatMap((file) => importedPackages(read(file)).map((other) => [at(file), other]));
    for (const dependency of depends) expect(allowed).toContain(dependency.slice("@sc/".length));
    for (const reference of references) expect(allowed).toContain(basename(reference.path));
    for (const [file, other] of imported) {
      expect(depends, `${file} imports @sc/${other}`).toContain(`@sc/${other}`);
      expect(references.map((reference: { path: string }) => basename(reference.path))).toContain(other);
    }
    expect(manifest.sideEffects).toBe(name === "cli");
    expect(Object.keys(manifest.scripts ?? {})).toEqual([]);
  });

  test.each(names)("%s tests itself with what it may import, @sc/testing and what that is made of", (name) => {
    const allowed = [name, "testing", ...(layers["testing"]?.[1] ?? []), ...(layers[name]?.[1] ?? [])];
    const manifest = JSON.parse(read(join(root, "packages", name, "package.json")));
    const develops = Object.keys(manifest.devDependencies ?? {}).filter((dependency) => dependency.startsWith("@sc/"));
    for (const dependency of develops) expect(allowed).toContain(dependency.slice("@sc/".length));
    for (const file of tests(name)) {
      for (const other of importedPackages(read(file)))
        expect(allowed, `${at(file)} imports @sc/${other}`).toContain(other);
    }
  });

  test("no file reaches into another package by its path", () => {
    const reaching = names.flatMap((name) =>
      filesBelow(join(root, "packages", name, "src")).flatMap((file) => {
        const depth = relative(join(root, "packages", name, "src"), dirname(file))
          .split("/")
          .filter(Boolean).length;
        return escapingImports(read(file), depth).map((line) => `${at(file)}: ${line}`);
      }),
    );
    expect(reaching).toEqual([]);
  });
});

describe("lists are explicit", () => {
  test("a folder with an index is a list that this test knows", () => {
    const folders = names.flatMap((name) =>
      filesBelow(join(root, "packages", name, "src"))
        .filter((file) => basename(file) === "index.ts")
        .map((file) => relative(join(root, "packages"), dirname(file)))
        .filter((folder) => folder !== `${name}/src`),
    );
    for (const folder of folders) expect(Object.keys(lists)).toContain(folder);
  });

  test("an index is a surface or a list, nothing else", () => {
    const found = names
      .flatMap(sources)
      .filter((file) => basename(file) === "index.ts")
      .flatMap((file) => indexStatements(read(file)).map((statement) => `${at(file)}: ${statement.slice(0, 80)}`));
    expect(found).toEqual([]);
  });

  test.each(Object.keys(lists).filter((folder) => existsSync(join(root, "packages", folder, "index.ts"))))(
    "every file of %s stands in its index, and every line of the index has its file",
    (folder) => {
      const path = join(root, "packages", folder);
      const listed = listedModules(read(join(path, "index.ts")));
      const present = readdirSync(path)
        .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && file !== "index.ts")
        .filter((file) => /^export const /m.test(read(join(path, file))))
        .map((file) => basename(file, ".ts"));
      for (const file of present) expect(listed, `${folder}/${file}.ts is not in the list`).toContain(file);
      for (const line of listed) expect(existsSync(join(path, `${line}.ts`)), `${folder}/${line}.ts`).toBe(true);
      const vectors = lists[folder];
      if (vectors === undefined) return;
      const cases = readdirSync(join(root, "vectors", vectors));
      for (const one of cases) expect(listed, `vectors/${vectors}/${one} has no implementation`).toContain(one);
      for (const file of present) expect(cases, `${folder}/${file}.ts has no vectors`).toContain(file);
    },
  );
});

describe("files and names", () => {
  const all = names.flatMap((name) => filesBelow(join(root, "packages", name, "src")));

  test("files are kebab-case, under 400 lines, and never named for a dumping ground", () => {
    for (const file of all) {
      expect(misnamed(basename(file)), at(file)).toBe(false);
    }
    const besides = ["test", "bench", "scripts"].flatMap((folder) =>
      readdirSync(join(root, folder)).map((name) => join(root, folder, name)),
    );
    for (const file of [...all, ...besides.filter((name) => name.endsWith(".ts"))]) {
      expect(read(file).split("\n").length, at(file)).toBeLessThanOrEqual(401);
    }
  });

  test("every export says what it promises", () => {
    const silent = names
      .flatMap(sources)
      .flatMap((file) => undocumentedExports(read(file)).map((line) => `${at(file)}: ${line}`));
    expect(silent).toEqual([]);
  });

  test("names say something, only errors inherit, and a verification gives the verified value", () => {
    const found = names
      .flatMap(sources)
      .flatMap((file) => [...emptyNames(read(file)), ...misshapen(read(file))].map((what) => `${at(file)}: ${what}`));
    expect(found).toEqual([]);
  });

  test("no test is left focused, skipped or to do", () => {
    const found = [...names.flatMap(tests), ...filesBelow(join(root, "test"))]
      .filter((file) => file !== import.meta.filename)
      .flatMap((file) => unfinishedTests(read(file)).map((what) => `${at(file)}: ${what}`));
    expect(found).toEqual([]);
  });

  test("libraries write to no console, read no environment, and never act at import", () => {
    const found = names
      .filter((name) => name !== "cli" && name !== "testing")
      .flatMap(sources)
      .flatMap((file) => blockedConstructs(read(file)).map((what) => `${at(file)}: ${what}`));
    expect(found).toEqual([]);
  });

  test("sources use nothing that the oldest supported Node.js lacks", () => {
    const shipped = names.filter((name) => name !== "testing").flatMap(sources);
    expect(shipped.flatMap((file) => tooNew(read(file)).map((what) => `${at(file)}: ${what}`))).toEqual([]);
    expect(tooNew("await using stack = new AsyncDisposableStack();")).toEqual(["AsyncDisposableStack"]);
  });
});

describe("errors", () => {
  const tables = new Map(
    names
      .filter((name) => existsSync(join(root, "packages", name, "src/error-codes.ts")))
      .map((name) => [name, tableCodes(read(join(root, "packages", name, "src/error-codes.ts")))] as const),
  );

  test("a code stands in one table only", () => {
    const codes = [...tables.values()].flat();
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });

  test.each([...tables.keys()])("%s throws what its table names, and nothing else", (name) => {
    const own = tables.get(name) ?? [];
    const lower = (layers[name]?.[1] ?? []).flatMap((other) => tables.get(other) ?? []);
    const texts = sources(name)
      .filter((file) => basename(file) !== "error-codes.ts")
      .map((file) => read(file));
    for (const code of texts.flatMap(errorCodesThrown)) expect([...own, ...lower], code).toContain(code);
    const unused = own.filter((code) => !texts.some((text) => text.includes(`"${code}"`)));
    expect(unused, "codes in the table that nothing throws").toEqual([]);
  });
});

describe("loading", () => {
  // undici puts its dispatcher there when it is loaded, before any call.
  const onlyUndici = /^Symbol\(undici\.globalDispatcher\.\d\)$/;

  test.each(names.filter((name) => name !== "cli" && name !== "testing"))(
    "importing @sc/%s starts nothing and says nothing",
    (name) => {
      const entry = join(root, "packages", name, "src/index.ts");
      const script = `const before = new Set(Reflect.ownKeys(globalThis));
        await import(${JSON.stringify(entry)});
        const left = process.getActiveResourcesInfo().filter((kind) => kind !== "PipeWrap" && kind !== "TTYWrap");
        const globals = Reflect.ownKeys(globalThis).filter((key) => !before.has(key)).map(String).filter((key) => !${onlyUndici}.test(key));
        process.stdout.write(JSON.stringify([...left, ...globals]));`;
      const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
        cwd: dirname(entry),
        encoding: "utf8",
      });
      expect([run.stdout, run.stderr, run.status]).toEqual(["[]", "", 0]);
    },
  );

  test("importing @sc/pipeline loads no cataloger, no calculator of severities and nothing that builds or fetches databases (ux.md 6.3)", () => {
    const script = `import { registerHooks } from "node:module";
      const loaded = [];
      registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
      await import(${JSON.stringify(join(root, "packages/pipeline/src/index.ts"))});
      process.stdout.write(loaded.join("\\n"));`;
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], { cwd: root, encoding: "utf8" });
    const loaded = run.stdout.split("\n");
    expect(loaded.length).toBeGreaterThan(100);
    const late =
      /\/sbom\/src\/catalogers\/|\/scan\/src\/(?:feeds|database\/(?:build-aside|staging|shard-writer|sources\/web-mirror))|ae-cvss/;
    expect(loaded.filter((url) => late.test(url))).toEqual([]);
  });
});

test.each(served)("%s is cited by a test", (requirement) => {
  const texts = [
    ...names.flatMap((name) => filesBelow(join(root, "packages", name))),
    ...filesBelow(join(root, "test")),
  ]
    .filter((file) => file.endsWith(".test.ts") && file !== import.meta.filename)
    .map((file) => read(file));
  expect(texts.some((text) => new RegExp(`\\b${requirement}\\b`).test(text))).toBe(true);
});

describe("each rule can fail", () => {
  test("a wrong sample is caught by every rule", () => {
    expect(importedPackages('import { a } from "@sc/oci";\nawait import("@sc/http");')).toEqual(["oci", "http"]);
    expect(misnamed("utils.ts") && misnamed("error-helpers.ts") && misnamed("tarReader.ts")).toBe(true);
    expect(misnamed("tar-reader.ts")).toBe(false);
    expect(undocumentedExports("/** It is. */\nexport const a = 1;\n\nexport function b(): void {}\n")).toEqual([
      "export function b(): void {}",
    ]);
    expect(blockedConstructs('console.log("x");')).toEqual(["console"]);
    expect(blockedConstructs("const home = process.env.HOME;")).toEqual(["process.env"]);
    expect(blockedConstructs("export default 1;")).toEqual(["default export"]);
    expect(blockedConstructs('export * from "./a.ts";')).toEqual(["export *"]);
    expect(blockedConstructs("await start();")).toEqual(["top-level await"]);
    expect(emptyNames("export function getThing() {}\nexport class TagManager {}\nexport const tag = 1;")).toEqual([
      "getThing",
      "TagManager",
    ]);
    expect(misshapen("class A extends B {}\nclass C extends Error {}")).toEqual(["class A extends B"]);
    expect(misshapen("function verifyIt(bytes: Uint8Array): boolean {")).toHaveLength(1);
    expect(misshapen("async function verifyIt(bytes: Uint8Array): Promise<boolean> {")).toHaveLength(1);
    expect(escapingImports('import { a } from "../../other/src/a.ts";', 1)).toHaveLength(1);
    expect(escapingImports('import { a } from "../a.ts";', 1)).toEqual([]);
    expect(indexStatements('export { a } from "./a.ts";\nconst secret = 1;\n')).toEqual(["const secret = 1"]);
    expect(unfinishedTests(["test", "only"].join("."))).toEqual(["test.only"]);
    expect(errorCodesThrown('throw new ScError(\n  "NOT_THERE", "x")')).toEqual(["NOT_THERE"]);
    expect(tableCodes("export const t: ErrorCodes = {\n  A_B: { exit: 1 },\n};")).toEqual(["A_B"]);
    expect(listedModules('import { a } from "./one.ts";\nexport { b } from "./two.ts";')).toEqual(["one", "two"]);
  });
});
