import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build, type OutputChunk } from "rolldown";
import { beforeAll, describe, expect, test } from "vitest";
import { version } from "@sc/cli";
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

async function run(...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(bundle, "sc.js"), ...words], { cwd: elsewhere });
  return stdout;
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

  test("runs from any directory, with nothing beside it", async () => {
    expect(await run("--version")).toBe(`sc ${version}\n`);
    expect(await run("help")).toContain("Commands");
    expect(JSON.parse(await run("help", "exit-codes", "--json"))).toMatchObject({ outcome: "pass" });
  });
});
