import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import {
  blockedConstructs,
  errorCodesThrown,
  importedPackages,
  listedModules,
  misnamed,
  tableCodes,
  undocumentedExports,
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
  "scan/src/reports": undefined,
  "scan/src/versions": "versions",
  "sign/src/predicates": undefined,
  "sign/src/signers": undefined,
};

/** The requirements that are served today, each cited by the name of at least one test. */
const served: readonly string[] = [];

const names = Object.keys(layers);

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && file.name.endsWith(".ts"))
    .map((file) => join(file.parentPath, file.name))
    .filter((file) => !file.includes("node_modules") && !file.includes("/dist/"))
    .toSorted();
}

function sources(name: string): readonly string[] {
  return filesBelow(join(root, "packages", name, "src")).filter((file) => !file.endsWith(".test.ts"));
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
    const depends = Object.keys(manifest.dependencies ?? {}).filter((dependency) => dependency.startsWith("@sc/"));
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
});

describe("lists are explicit", () => {
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
      expect(read(file).split("\n").length, at(file)).toBeLessThanOrEqual(401);
    }
  });

  test("every export says what it promises", () => {
    const silent = names
      .flatMap(sources)
      .flatMap((file) => undocumentedExports(read(file)).map((line) => `${at(file)}: ${line}`));
    expect(silent).toEqual([]);
  });

  test("libraries write to no console, read no environment, and never act at import", () => {
    const found = names
      .filter((name) => name !== "cli" && name !== "testing")
      .flatMap(sources)
      .flatMap((file) => blockedConstructs(read(file)).map((what) => `${at(file)}: ${what}`));
    expect(found).toEqual([]);
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
  test.each(names.filter((name) => name !== "cli" && name !== "testing"))(
    "importing @sc/%s starts nothing and says nothing",
    (name) => {
      const entry = join(root, "packages", name, "src/index.ts");
      const script = `await import(${JSON.stringify(entry)});
        const left = process.getActiveResourcesInfo().filter((kind) => kind !== "PipeWrap" && kind !== "TTYWrap");
        process.stdout.write(JSON.stringify(left));`;
      const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
        cwd: dirname(entry),
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
      expect(JSON.parse(output)).toEqual([]);
    },
  );
});

test.each(served)("%s is cited by a test", (requirement) => {
  const tests = [
    ...names.flatMap((name) => filesBelow(join(root, "packages", name))),
    ...filesBelow(join(root, "test")),
  ]
    .filter((file) => file.endsWith(".test.ts") && basename(file) !== "architecture.test.ts")
    .map((file) => read(file));
  expect(tests.some((text) => new RegExp(`\\b${requirement}\\b`).test(text))).toBe(true);
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
    expect(errorCodesThrown('throw new ScError(\n  "NOT_THERE", "x")')).toEqual(["NOT_THERE"]);
    expect(tableCodes("export const t: ErrorCodes = {\n  A_B: { exit: 1 },\n};")).toEqual(["A_B"]);
    expect(listedModules('import { a } from "./one.ts";\nexport { b } from "./two.ts";')).toEqual(["one", "two"]);
  });
});
