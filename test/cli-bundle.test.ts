import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { version } from "@sc/cli";

const root = join(import.meta.dirname, "..");
const bundle = mkdtempSync(join(tmpdir(), "sc-bundle-"));
const elsewhere = mkdtempSync(join(tmpdir(), "sc-elsewhere-"));

beforeAll(() => {
  execFileSync(join(root, "node_modules/.bin/rolldown"), ["-c", "rolldown.config.ts", "--dir", bundle], {
    cwd: root,
    stdio: "ignore",
  });
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
    const names = readdirSync(bundle);
    for (const name of names) {
      const text = readFileSync(join(bundle, name), "utf8");
      const imported = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["'`]([^"'`\s]+)["'`]/g)].map(
        (match) => match[1] ?? "",
      );
      for (const one of imported) {
        const own = one.startsWith("./") && names.includes(one.slice(2));
        expect(own || isBuiltin(one), `${name} imports ${one}`).toBe(true);
      }
    }
  });

  test("runs from any directory, with nothing beside it", async () => {
    expect(await run("--version")).toBe(`sc ${version}\n`);
    expect(await run("help")).toContain("Commands");
    expect(JSON.parse(await run("help", "exit-codes", "--json"))).toMatchObject({ outcome: "pass" });
  });
});
