import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build, transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildDatabase } from "@sc/scan";
import { buildImage, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { installPacked } from "./packed-packages.ts";
import { runCli } from "./run-cli.ts";

const scratch = mkdtempSync(join(tmpdir(), "sc-packed-"));
// Where the packages are installed, and a place that has nothing of them.
const folder = join(scratch, "installed");
const elsewhere = mkdtempSync(join(tmpdir(), "sc-bundled-"));
const variables = { COSIGN_PASSWORD: "embedded" };
const example = readFileSync(join(import.meta.dirname, "../examples/embed.ts"), "utf8");
const lodash = JSON.stringify({ name: "lodash", version: "4.17.15", license: "MIT" });
// Layers that are worth a thread each: a bundle has no file to start one from, and must do without.
const noise = createHash("shake256", { outputLength: 12_000_000 }).update("noise").digest();
const image = buildImage({
  layers: [
    buildLayer([{ path: "app/node_modules/lodash/package.json", content: lodash }]),
    ...["one", "two"].map((path) => buildLayer([{ path, content: noise }])),
  ],
});

let registry: TestRegistry;

beforeAll(async () => {
  installPacked(folder);
  for (const [name, format] of [
    ["embed.mjs", "esm"],
    ["embed.cjs", "cjs"],
  ] as const) {
    const { code } = await transform(example, { loader: "ts", format });
    writeFileSync(join(folder, name), code);
  }
  const now = new Date("2026-11-21");
  await buildDatabase([join(import.meta.dirname, "../vectors/advisories")], { output: join(scratch, "db"), now });
  const words = ["key", "generate", `--output-key-prefix=${join(scratch, "cosign")}`];
  expect((await runCli(words, { variables })).exitCode).toBe(0);
  registry = await startRegistry();
}, 120_000);

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  for (const made of [scratch, elsewhere]) rmSync(made, { recursive: true, force: true });
});

/** Runs the program on a fresh image and gives the line that it prints for it. */
async function secured(program: string, repository: string): Promise<unknown> {
  const reference = pushImage(registry, `${repository}:1`, image);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, reference, join(scratch, "db"), join(scratch, "cosign.key"), join(scratch, "cosign.pub")],
    { cwd: elsewhere, env: variables },
  );
  return JSON.parse(stdout);
}

/** A bundle is run where nothing of what it was made from can be reached. */
async function securedBy(bundle: string, repository: string): Promise<unknown> {
  const moved = join(elsewhere, repository);
  cpSync(bundle, moved, { recursive: true });
  return await secured(join(moved, "index.mjs"), repository);
}

describe("each packed package (RUN-11)", () => {
  test("is required by CommonJS: nothing in it or in what it loads awaits at its top", async () => {
    for (const name of packedNames()) {
      const script = `const loaded = require("@sc/${name}"); process.stdout.write(String(Object.keys(loaded).length > 0));`;
      const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { cwd: folder });
      expect([name, stdout]).toEqual([name, "true"]);
    }
  });

  test("loads lazily only what CommonJS can require as well", async () => {
    const dynamic = packedNames().flatMap((name) =>
      filesOf(name, ".js").flatMap((path) => {
        const found = [...readFileSync(path, "utf8").matchAll(/\bimport\(["`](?<to>[^"`]+)["`]/g)];
        return found.flatMap(({ groups }) => (groups?.["to"] === undefined ? [] : [{ path, to: groups["to"] }]));
      }),
    );
    expect(dynamic.length).toBeGreaterThan(0);
    for (const { path, to } of dynamic) {
      const script = `require("node:module").createRequire(${JSON.stringify(path)})(${JSON.stringify(to)})`;
      await promisify(execFile)(process.execPath, ["-e", script], { cwd: folder });
    }
  });

  test("starts the threads that read large layers", async () => {
    const reference = pushImage(registry, "threads:1", image);
    const script = `
      let threads = 0;
      process.on("worker", () => (threads += 1));
      const { inventory } = require("@sc/pipeline");
      inventory(process.argv[1], { workers: 2 }).then(({ packages }) => console.log(packages.length, threads));`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script, reference], { cwd: folder });
    expect(stdout).toBe("1 2\n");
  });

  test("shows types of its own, of other @sc packages and of Node, and of nobody else", () => {
    const foreign = packedNames().flatMap((name) =>
      reachable(join(folder, "node_modules/@sc", name, "dist/published/index.d.ts")).flatMap((path) =>
        importsOf(path)
          .filter((to) => !/^(?:\.{1,2}\/|node:|@sc\/)/.test(to))
          .map((to) => `${path.slice(path.indexOf("@sc/"))}: ${to}`),
      ),
    );
    expect(foreign).toEqual([]);
  });
});

function packedNames(): readonly string[] {
  return readdirSync(join(folder, "node_modules/@sc"));
}

function filesOf(name: string, ending: string): readonly string[] {
  const root = join(folder, "node_modules/@sc", name);
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending) && !path.split("/").includes("node_modules"))
    .map((path) => join(root, path));
}

function importsOf(path: string): readonly string[] {
  const found = readFileSync(path, "utf8").matchAll(
    /^(?:import|export)\b[^"]*? from "(?<to>[^"]+)"|\bimport\("(?<in>[^"]+)"\)/gm,
  );
  return [...found].map(({ groups }) => groups?.["to"] ?? groups?.["in"] ?? "");
}

/** The declarations that a program sees which imports this one. */
function reachable(entry: string): readonly string[] {
  const seen = new Set([entry]);
  for (const path of seen) {
    for (const to of importsOf(path)) {
      if (to.startsWith(".")) seen.add(join(path, "..", to.replace(/\.[jt]s$/, ".d.ts")));
    }
  }
  return [...seen];
}

const done = { outcome: "pass", digest: image.descriptor.digest, packages: 1 };

describe("the example that embeds the packed packages in thirty lines (RUN-11)", () => {
  test("is thirty lines at most and imports nothing but @sc packages", () => {
    expect(example.trimEnd().split("\n").length).toBeLessThanOrEqual(30);
    const imported = [...example.matchAll(/from "([^"]+)"/g)].map((match) => match[1]);
    expect(imported.length).toBeGreaterThan(0);
    for (const name of imported) expect(name).toMatch(/^@sc\//);
  });

  test("secures an image as a module", async () => {
    expect(await secured(join(folder, "embed.mjs"), "module")).toMatchObject(done);
  });

  test("secures an image as CommonJS", async () => {
    expect(await secured(join(folder, "embed.cjs"), "commonjs")).toMatchObject(done);
  });

  test("secures an image when esbuild bundled it", async () => {
    const outdir = join(scratch, "esbuild");
    await build({
      entryPoints: { index: join(folder, "embed.mjs") },
      outdir,
      bundle: true,
      platform: "node",
      format: "esm",
      outExtension: { ".js": ".mjs" },
      // What esbuild's own documentation says for CommonJS dependencies within a module.
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
      logLevel: "error",
    });
    expect(await securedBy(outdir, "esbuild")).toMatchObject(done);
  });

  test("secures an image when rollup bundled it", async () => {
    const dir = join(scratch, "rollup");
    const plugins = ["node-resolve", "commonjs", "json"].flatMap((name) => ["--plugin", `@rollup/plugin-${name}`]);
    const names = ["--entryFileNames", "index.mjs", "--chunkFileNames", "[name]-[hash].mjs"];
    const words = ["--input", join(folder, "embed.mjs"), "--dir", dir, "--format", "es", ...names, ...plugins];
    await promisify(execFile)(join(import.meta.dirname, "node_modules/.bin/rollup"), [...words, "--silent"], {
      cwd: import.meta.dirname,
    });
    expect(await securedBy(dir, "rollup")).toMatchObject(done);
  });

  test("secures an image when ncc bundled it", async () => {
    const out = join(scratch, "ncc");
    const ncc = createRequire(import.meta.url).resolve("@vercel/ncc/dist/ncc/cli.js");
    await promisify(execFile)(process.execPath, [ncc, "build", join(folder, "embed.mjs"), "-o", out, "-q"]);
    expect(await securedBy(out, "ncc")).toMatchObject(done);
  });
});
