/**
 * Packs every public package as it would be published and lets publint and attw judge the tarballs: entry points that
 * exist, types that resolve, nothing in the archive that does not belong there.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const packed = mkdtempSync(join(tmpdir(), "sc-packed-"));

function run(command: string, words: readonly string[], cwd: string): void {
  execFileSync(command, words, { cwd, stdio: ["ignore", "inherit", "inherit"] });
}

try {
  for (const name of readdirSync(join(root, "packages"))) {
    const folder = join(root, "packages", name);
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    if (manifest.private === true) continue;
    execFileSync("pnpm", ["pack", "--pack-destination", packed], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const tarball = join(packed, `sc-${name}-${manifest.version}.tgz`);
    console.log(`${manifest.name}: publint`);
    run("pnpm", ["exec", "publint", "run", tarball, "--strict"], root);
    if (manifest.publishConfig?.exports?.["."] === undefined) continue;
    console.log(`${manifest.name}: attw`);
    run("pnpm", ["exec", "attw", tarball, "--profile", "esm-only", "--format", "ascii"], root);
  }
} finally {
  rmSync(packed, { recursive: true, force: true });
}
