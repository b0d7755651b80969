/** The packages as they would be published, laid into an empty folder as an installation would lay them there. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/**
 * Packs every public package but the command line and unpacks the archives into `<folder>/node_modules`. What they
 * depend on beside each other is linked from this workspace's own installation, so that nothing is downloaded: each
 * package sees exactly the dependencies of its packed manifest.
 */
export function installPacked(folder: string): void {
  execFileSync("tsc", ["-b", "packages/pipeline"], { cwd: root, stdio: "inherit" });
  execFileSync(process.execPath, ["scripts/bundle-packages.ts"], { cwd: root, stdio: "inherit" });
  const packed = join(folder, "packed");
  mkdirSync(packed, { recursive: true });
  for (const name of readdirSync(join(root, "packages"))) {
    const source = join(root, "packages", name);
    const { private: unpublished, version } = readManifest(source);
    if (unpublished === true || name === "cli") continue;
    execFileSync("pnpm", ["pack", "--pack-destination", packed], { cwd: source, stdio: "pipe" });
    const target = join(folder, "node_modules/@sc", name);
    mkdirSync(target, { recursive: true });
    execFileSync("tar", ["-xzf", join(packed, `sc-${name}-${version}.tgz`), "--strip-components=1", "-C", target]);
    linkDependencies(source, target);
  }
}

function linkDependencies(source: string, target: string): void {
  for (const dependency of Object.keys(readManifest(target).dependencies ?? {})) {
    if (dependency.startsWith("@sc/")) continue;
    const link = join(target, "node_modules", dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(realpathSync(join(source, "node_modules", dependency)), link, "dir");
  }
}
