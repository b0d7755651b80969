import { createHash } from "node:crypto";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build, type OutputChunk } from "rolldown";
import { beforeAll, describe, expect, test } from "vitest";
import { version } from "@sc/cli";
import { buildImage, buildLayer, type BuiltLayer, pushImage, startRegistry, writeLayout } from "@sc/testing";
import { openNpmRegistry } from "./npm-registry.ts";
import config from "../rolldown.config.ts";

const root = join(import.meta.dirname, "..");
const bundle = mkdtempSync(join(tmpdir(), "sc-bundle-"));
const elsewhere = mkdtempSync(join(tmpdir(), "sc-elsewhere-"));

let chunks: readonly OutputChunk[] = [];

beforeAll(async () => {
  const { output, ...input } = config;
  const built = await build({ ...input, cwd: root, output: { ...output, dir: bundle } });
  chunks = built.output.filter((one) => one.type === "chunk");
});

/** A layer that is worth a thread: content that does not compress, and one package. */
function largeLayer(name: string): BuiltLayer {
  const noise = createHash("shake256", { outputLength: 12_000_000 }).update(name).digest();
  return buildLayer([
    { path: `data/${name}.bin`, content: noise },
    { path: `app/node_modules/${name}/package.json`, content: `{"name": "${name}", "version": "1.0.0"}` },
  ]);
}

async function run(...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(bundle, "sc.js"), ...words], { cwd: elsewhere });
  return stdout;
}

/** What a command line of the shell ends in. */
async function ends(words: string): Promise<unknown> {
  const command = `"${process.execPath}" "${join(bundle, "sc.js")}" ${words}`;
  return await promisify(execFile)("sh", ["-c", command], { cwd: elsewhere }).catch((error: unknown) => error);
}

describe("the bundled command line", () => {
  test("is at most 4 MB", () => {
    const bytes = readdirSync(bundle).reduce((sum, name) => sum + statSync(join(bundle, name)).size, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(4_000_000);
  });

  test("imports nothing but itself and what comes with Node.js", () => {
    expect(chunks.length).toBeGreaterThan(5);
    const names = new Set(chunks.map(({ fileName }) => fileName));
    for (const { fileName, imports, dynamicImports, code } of chunks) {
      const required = [...code.matchAll(/\b__require\(["'`]([^"'`]+)["'`]\)/g)].map((match) => match[1] ?? "");
      for (const one of [...imports, ...dynamicImports, ...required]) {
        expect(names.has(one) || isBuiltin(one), `${fileName} imports ${one}`).toBe(true);
      }
    }
  });

  test("brings the licence of every package that it holds a part of", () => {
    const notices = readFileSync(join(bundle, "THIRD-PARTY.txt"), "utf8");
    const held = chunks.flatMap(({ moduleIds }) =>
      moduleIds.map((id) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1]),
    );
    const names = [...new Set(held)].filter((name) => name !== undefined);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(`\n${notices}`).toContain(`\n${name} `);
  });

  test("runs from any directory, with nothing beside it", async () => {
    expect(await run("--version")).toBe(`sc ${version}\n`);
    expect(await run("help")).toContain("Commands");
    expect(JSON.parse(await run("help", "exit-codes", "--json"))).toMatchObject({ outcome: "pass" });
  });

  // No other system has a file that is always full.
  test.skipIf(process.platform !== "linux")(
    "ends in its exit code also where an output cannot be written",
    async () => {
      const full = { code: 4, stderr: expect.stringContaining("(ENOSPC)") };
      for (const words of ["help", "--version", "help --json"]) {
        expect(await ends(`${words} >/dev/full`)).toMatchObject(full);
        expect(await ends(`${words} 2>/dev/full`)).toMatchObject({ stderr: "" });
        expect(await ends(`${words} | true`)).toMatchObject({ stderr: "" });
      }
      expect(await ends("image inspect 2>/dev/full")).toMatchObject({ code: 3 });
    },
  );

  test("reads large layers in worker threads that it brings along", async () => {
    const place = join(elsewhere, "layout");
    await writeLayout(place, buildImage({ layers: [largeLayer("one"), largeLayer("two")] }), "1");
    const words = [
      "sbom",
      "generate",
      `--image=oci-layout:${place}:1`,
      "--output=sbom.json",
      "--progress=json",
      "--jobs=2",
    ];
    const { stderr } = await promisify(execFile)(process.execPath, [join(bundle, "sc.js"), ...words], {
      cwd: elsewhere,
    });
    const events = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    // Where workers cannot be started a notice says so, and the work is done without them.
    expect(events.filter(({ type }) => type === "notice")).toEqual([]);
    expect(readFileSync(join(elsewhere, "sbom.json"), "utf8")).toContain("pkg:npm/two@1.0.0");
  });

  test(
    "is all that npx fetches: on a machine with Node.js alone one command scans, and says what to do where it lacks advisories (ux.md row 1)",
    { timeout: 60_000 },
    async () => {
      const { name, bin, engines, type, ...rest } = JSON.parse(
        readFileSync(join(root, "packages/cli/package.json"), "utf8"),
      );
      const files = readdirSync(bundle).map((file) => [
        `dist/bundle/${file}`,
        readFileSync(join(bundle, file), "utf8"),
      ]);
      await using npm = await openNpmRegistry([
        { name, version, bin, engines, type, dependencies: rest.dependencies ?? {}, files: Object.fromEntries(files) },
      ]);
      await using registry = await startRegistry();
      const lodash = {
        path: "app/node_modules/lodash/package.json",
        content: '{"name": "lodash", "version": "4.17.15"}',
      };
      const image = pushImage(registry, "acme/api:1", buildImage({ layers: [buildLayer([lodash])] }));
      const home = join(elsewhere, "home");
      const cache = join(elsewhere, "npm");
      const npx = async (...words: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> => {
        const env = {
          PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
          HOME: home,
          npm_config_registry: npm.url,
          npm_config_cache: cache,
          npm_config_update_notifier: "false",
        };
        const asked = promisify(execFile)("npx", ["-y", "@sc/cli", ...words], { cwd: elsewhere, env });
        return await asked.then(
          ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
          ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
        );
      };
      const bare = await npx("image", "scan", "--image", image);
      expect(bare).toMatchObject({ code: 2, stdout: "" });
      expect(bare.stderr).toMatch(/SC-DATABASE-MISSING[^]*sc db update[^]*sc db build/);
      const built = await npx("db", "build", "--from", join(root, "vectors/advisories"));
      expect(built.code, built.stderr).toBe(0);
      const scanned = await npx("image", "scan", "--image", image);
      expect([scanned.code, scanned.stdout.includes("CVE-2021-23337")]).toEqual([0, true]);
      const installed = readdirSync(join(cache, "_npx")).flatMap((one) =>
        readdirSync(join(cache, "_npx", one, "node_modules")),
      );
      expect(installed.filter((one) => !one.startsWith("."))).toEqual(["@sc"]);
    },
  );
});
